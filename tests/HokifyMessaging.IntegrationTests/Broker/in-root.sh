#!/bin/sh
# Becomes a program of this machine, or of another root beside it, which sees this machine's processes, devices and temporary files for as
# long as the program runs.
#
# Arguments: the root, empty for this machine; the program and its arguments.

root=$1
shift
[ -n "$root" ] || exec "$@"
export TMPDIR="${TMPDIR:-/tmp}"
mkdir -p "$root$TMPDIR"
exec unshare --mount sh -c \
    'for shared in /proc /dev "$TMPDIR"; do mount --bind "$shared" "$0$shared" || exit 1; done; exec chroot "$0" "$@"' "$root" "$@"
