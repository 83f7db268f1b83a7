#!/bin/sh
# Builds the executables of a release: scripts/compile-targets.sh [TARGET…], all of them without arguments. Into dist/release/:
# vigo-TARGET[.exe], each compressed as well (zstd, or gzip where there is none), and SHA256SUMS over what lies there.
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh

all="linux-x64 linux-arm64 linux-x64-musl linux-arm64-musl darwin-x64 darwin-arm64 windows-x64 windows-arm64"
modules=.cache/all-platforms
out=dist/release

# Every platform's native packages, in a folder of their own: node_modules stays this machine's.
if ! cmp -s bun.lock "$modules/bun.lock"; then
  echo "compile: getting the native packages of every platform" >&2
  rm -rf "$modules"
  mkdir -p "$modules"
  cp package.json "$modules/"
  cp bun.lock "$modules/bun.lock.wanted"
  cp bun.lock "$modules/bun.lock"
  (cd "$modules" && bun install --frozen-lockfile --production --silent --ignore-scripts --os='*' --cpu='*') || {
    rm -rf "$modules"
    exit 1
  }
  mv "$modules/bun.lock.wanted" "$modules/bun.lock"
fi

mkdir -p "$out"
for target in ${*:-$all}; do
  file=$out/vigo-$target
  case $target in windows-*) file=$file.exe ;; esac
  echo "compile: $file" >&2
  bun scripts/compile.ts "$target" --outfile "$file" --modules "$modules/node_modules"
  rm -f "$file.zst" "$file.gz"
  if command -v zstd >/dev/null 2>&1; then
    zstd -q -T0 "-${VIGO_ZSTD_LEVEL:-10}" -f "$file" -o "$file.zst"
  else
    gzip -kf "$file"
  fi
done
cd "$out"
rm -f SHA256SUMS
if command -v sha256sum >/dev/null 2>&1; then sha256sum vigo-*; else shasum -a 256 vigo-*; fi >SHA256SUMS.new
mv SHA256SUMS.new SHA256SUMS
