#!/bin/sh
# Pin every dependency by name, version and hash, for all platforms. Needs uv; run by `make lock`.
set -eu
cd "$(dirname "$0")"
for name in run test; do
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links --no-annotate "$name.in" -o "$name.txt"
done
