#!/bin/sh
# Installs yaml-language-server into target/editor and looks at manifests through it. Needs Node 20 and a registry.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "$here/../.." && pwd)/target/editor
mkdir -p "$folder"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$folder/"
if ! cmp -s "$folder/package-lock.json" "$folder/installed"; then
    (cd "$folder" && npm ci --loglevel=error --no-progress </dev/null)
    cp "$folder/package-lock.json" "$folder/installed"
fi
exec node "$here/check.mjs" "$folder"
