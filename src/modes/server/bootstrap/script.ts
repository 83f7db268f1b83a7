/**
 * The script that makes a machine an envoy: fetches the program for it, proves that it is the one this server offers, installs
 * it and lets it enrol. POSIX sh, whose last line starts it all, so that half a script does nothing. Must not know files.
 */
import type { Program } from "./programs.ts";

/** `server` is `HOST:PORT`, as the caller reached it. */
export function bootstrapScript(server: string, programs: readonly Program[]): string {
  const cases = programs
    .filter(({ target }) => !target.startsWith("windows-"))
    .map(({ target, sha256 }) => `    ${target}) sum=${sha256} ;;`);
  return `#!/bin/sh
# Installs the Vigo agent from ${server} and enrols this machine:
#   curl … https://${server}/bootstrap | VIGO_TOKEN=vgt_… sh
# VIGO_BIN names another place for the program than /usr/local/bin/vigo.
set -eu

fail() {
  echo "vigo: $1" >&2
  exit 1
}

fetch() {
  # The certificate is not what is trusted here: the sum below is, which came with this script.
  if command -v curl >/dev/null 2>&1; then
    curl -fsSk -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget -q --no-check-certificate -O "$2" "$1"
  else
    fail "needs curl or wget"
  fi
}

sha256_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1"
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 "$1"
  else
    fail "needs sha256sum or shasum"
  fi | cut -d' ' -f1
}

target() {
  case "$(uname -s)" in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    *) fail "no agent for $(uname -s)" ;;
  esac
  case "$(uname -m)" in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "no agent for $(uname -m)" ;;
  esac
  libc=
  if [ "$os" = linux ] && (ldd --version 2>&1 || true) | grep -qi musl; then
    libc=-musl
  fi
  echo "$os-$arch$libc"
}

main() {
  [ -n "\${VIGO_TOKEN:-}" ] || fail "set VIGO_TOKEN to a token: vigo cli tokens create"
  target=$(target)
  case "$target" in
${cases.join("\n")}
    *) fail "this server has no program for $target: an admin puts vigo-$target into its downloads/" ;;
  esac
  bin=\${VIGO_BIN:-/usr/local/bin/vigo}
  draft="$bin.new.$$"
  trap 'rm -f "$draft"' EXIT
  fetch "https://${server}/download/$target" "$draft"
  [ "$(sha256_of "$draft")" = "$sum" ] || fail "what came is not the program that this server offers"
  chmod 0755 "$draft"
  mv -f "$draft" "$bin"
  exec "$bin" agent bootstrap --server "${server}" --token "$VIGO_TOKEN" "$@"
}

main "$@"
`;
}
