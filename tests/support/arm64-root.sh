#!/bin/sh
# Prints a folder with the libraries that the linux-arm64 executable needs, for `qemu-aarch64-static -L FOLDER`. Debian's packages,
# unpacked into .cache/; apt works on state of its own, so neither root nor a foreign architecture of the machine is needed.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD/.cache/arm64-root
[ -e "$root/.complete" ] && { echo "$root"; exit; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/debs"
: >"$work/state/status"
apt() {
  apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State="$work/state" \
    -o Dir::State::status="$work/state/status" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= "$@" >&2
}
apt update
(cd "$work/debs" && apt download libc6 libgcc-s1 libstdc++6)
rm -rf "$root"
mkdir -p "$root"
for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$root"; done
touch "$root/.complete"
echo "$root"
