#!/bin/sh
# Runs a private RabbitMQ node and its port mapper until standard input closes, then stops both and removes their data.
# The test process holds the other end of standard input: the node goes away even if that process is killed.
#
# The environment names the node (RABBITMQ_*, ERL_EPMD_*) and its root (NODE_ROOT); NODE_FOLDER is removed at the end.
# First line of output: the process ids of the node and of the port mapper. A node that ends while there is a file
# start-again in its folder is started again over its data: another such line.

exec 3<&0 </dev/null
in_root=$(dirname "$0")/in-root.sh

sh "$in_root" "$NODE_ROOT" epmd -port "$ERL_EPMD_PORT" -address "$ERL_EPMD_ADDRESS" >/dev/null 2>&1 3<&- &
epmd=$!

# As under systemd the script becomes the node, instead of its parent: so the id is the node's own.
start() {
    rm -f "$NODE_FOLDER/start-again"
    RUNNING_UNDER_SYSTEMD=true sh "$in_root" "$NODE_ROOT" "$1" >>"$NODE_FOLDER/output" 2>&1 3<&- &
    node=$!
    echo "$node" >"$NODE_FOLDER/node"
    echo "$node $epmd"
}

start "$1"

# Connections are closed at once; after two seconds the node only tidies data that is removed anyway.
stop() {
    rm -f "$NODE_FOLDER/start-again"
    node=$(cat "$NODE_FOLDER/node")
    kill -TERM "$node" 2>/dev/null
    tenths=0
    while [ "$tenths" -lt 20 ] && kill -0 "$node" 2>/dev/null; do
        sleep 0.1
        tenths=$((tenths + 1))
    done
    kill -KILL "$node" 2>/dev/null
}

trap 'kill -TERM "$node" 2>/dev/null' HUP INT TERM
(
    trap - HUP INT TERM
    read -r _ <&3
    stop
) >/dev/null 2>&1 &
stopper=$!

# A signal interrupts wait; the node is gone only when it cannot be signalled any more.
while :; do
    while kill -0 "$node" 2>/dev/null; do
        wait "$node"
    done
    [ -e "$NODE_FOLDER/start-again" ] || break
    start "$1"
done

kill "$stopper" 2>/dev/null
kill "$epmd" 2>/dev/null
wait "$stopper" "$epmd" 2>/dev/null

# Says why, to whoever still listens, when the node was not asked to go.
grep -m 20 -F '[error]' "$NODE_FOLDER/output" || tail -n 20 "$NODE_FOLDER/output"
rm -rf "$NODE_FOLDER"
