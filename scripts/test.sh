#!/bin/sh
# From a bare clone to every check and test. --fast leaves out the lab and cross-compiling, --all adds the long runs. The last
# line is `N passed, N failed`; the exit code is 0 only when nothing failed and something ran.
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh
exec bun scripts/test.ts "$@"
