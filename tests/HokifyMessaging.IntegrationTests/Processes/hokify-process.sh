#!/bin/sh
# Runs the command that it is given until that ends, or until standard input closes: then the command is killed. The test
# process holds the other end of standard input, so nothing outlives it, even if it is killed itself.
#
# First line of output: the command's process id. The exit code is the command's own.

exec 3<&0 </dev/null

"$@" 3<&- &
command=$!
echo "$command"

(
    read -r _ <&3
    kill -KILL "$command"
) >/dev/null 2>&1 &
watch=$!
exec 3<&-

wait "$command"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
