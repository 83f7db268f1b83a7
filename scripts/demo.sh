#!/bin/sh
# From a bare clone to a converged envoy, in temporary folders and without root. `--once` (or CI=true) ends by itself.
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh
echo "building dist/vigo" >&2
bun scripts/compile.ts
exec bun scripts/demo.ts "$@"
