#!/bin/sh
# The official client of the vendor, unmodified, against the engine, and for the shared gateway the official signer: run.sh BINARY
set -eu
binary=$(realpath "${1:?usage: run.sh BINARY}")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/venv.sh"
python_with huaweicloudsdkapig "$here/requirements.txt"

work=$(mktemp -d)
server=
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }; server=; }
trap 'stop; rm -rf "$work"' EXIT INT TERM

# A server of its own for each judge: judge SCRIPT ARGUMENTS…
judge() {
    script=$1
    shift
    rm -f "$work/ready.json"
    log=$work/server.log
    "$binary" serve --listen 127.0.0.1:0 --ready-file "$work/ready.json" "$@" 2>"$log" &
    server=$!
    tries=0
    while [ ! -s "$work/ready.json" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 200 ] || ! kill -0 "$server" 2>/dev/null; then
            echo "the server did not start" >&2
            cat "$log" >&2
            exit 1
        fi
        sleep 0.05
    done
    "$python" "$here/$script" "$work/ready.json"
    stop
}

judge lifecycle.py --quota ENVIRONMENT_NUM_LIMIT=12
judge v1.py
