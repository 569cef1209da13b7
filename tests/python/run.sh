#!/bin/sh
# The official client of the vendor, unmodified, against the engine, and for the shared gateway the official signer: run.sh BINARY
set -eu
binary=$(realpath "${1:?usage: run.sh BINARY}")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/venv.sh"
. "$here/serve.sh"
python_with huaweicloudsdkapig "$here/requirements.txt"
# A server each, which ends with its shell.
(
    quota=ENVIRONMENT_NUM_LIMIT=12
    served "$python" "$here/lifecycle.py"
)
(served "$python" "$here/v1.py")
