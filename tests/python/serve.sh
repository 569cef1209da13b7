# To be sourced. `served COMMAND…` runs a command with the ready file of a server of `$binary` as its last argument;
# `$quota` is the quota to serve with.
served() {
    work=$(mktemp -d)
    log=$work/server.log
    "$binary" serve --listen 127.0.0.1:0 --ready-file "$work/ready.json" ${quota:+--quota "$quota"} 2>"$log" &
    server=$!
    trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM
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
    "$@" "$work/ready.json"
}
