#!/bin/sh
# The official client of the vendor, unmodified, against the engine: run.sh BINARY
set -eu
binary=$(realpath "${1:?usage: run.sh BINARY}")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/venv.sh"
. "$here/serve.sh"
python_with huaweicloudsdkapig "$here/requirements.txt"
quota=ENVIRONMENT_NUM_LIMIT=12
served "$python" "$here/lifecycle.py"
