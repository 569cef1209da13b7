#!/bin/sh
# Plans and applies a whole estate end to end: tests/estate/run.sh BINARY [OPENAPI_FILE]
exec python3 "$(dirname "$0")/run.py" "$@"
