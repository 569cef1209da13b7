#!/bin/sh
# A ledger in an object store, with real processes against moto's S3 server on loopback: run.sh BINARY
set -eu
binary=$(realpath "${1:?usage: run.sh BINARY}")
here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$here/../.." && pwd)/target
venv=$target/python-venv
if [ ! -x "$venv/bin/python" ]; then
    mkdir -p "$target"
    python3 -m venv "$venv"
fi
"$venv/bin/python" -c 'import moto.server, boto3' 2>/dev/null ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
exec "$venv/bin/python" "$here/run.py" "$binary"
