#!/bin/sh
# A ledger in an object store, with real processes against moto's S3 server on loopback: run.sh BINARY
set -eu
binary=$(realpath "${1:?usage: run.sh BINARY}")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../python/venv.sh"
python_with 'moto.server, boto3' "$here/requirements.txt"
exec "$python" "$here/run.py" "$binary"
