/**
 * The script that makes a machine an envoy: fetches the program for it, proves that it is the one this server offers, installs
 * it and lets it enrol. POSIX sh, whose last line starts it all, so that half a script does nothing. Must not know files.
 */
import type { Program } from "./programs.ts";

interface Script {
  /** `HOST:PORT`, as the caller reached it. */
  readonly server: string;
  /** Raw Ed25519, 32 bytes: what signs the programs. */
  readonly key: Uint8Array;
  readonly programs: readonly Program[];
}

/** DER before the 32 bytes of an Ed25519 public key (RFC 8410 §4). */
const spki = Buffer.from("302a300506032b6570032100", "hex");

export function bootstrapScript({ server, key, programs }: Script): string {
  const publicKey = Buffer.concat([spki, key]).toString("base64");
  const cases = programs
    .filter(({ target }) => !target.startsWith("windows-"))
    .map(({ target, sha256, signature }) => `    ${target}) sum=${sha256} sig=${signature} ;;`);
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

# The key that signs policy vouches for the program as well. An openssl before 3.0 cannot tell; then the sum has to do.
signed() {
  case "$(openssl version 2>/dev/null)" in
    "OpenSSL "[3-9]*) ;;
    *)
      echo "vigo: no openssl 3 here, so the program's signature is not checked; its sha256 was" >&2
      return 0
      ;;
  esac
  printf '%s\\n' '-----BEGIN PUBLIC KEY-----' '${publicKey}' '-----END PUBLIC KEY-----' >"$1/key"
  printf 'vigo.v1.download %s %s\\n' "$2" "$3" >"$1/statement"
  printf '%s' "$4" | openssl base64 -d -A >"$1/signature"
  openssl pkeyutl -verify -pubin -inkey "$1/key" -rawin -in "$1/statement" -sigfile "$1/signature" >/dev/null 2>&1
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
  room=$(mktemp -d)
  trap 'rm -rf "$draft" "$room"' EXIT
  fetch "https://${server}/download/$target" "$draft"
  [ "$(sha256_of "$draft")" = "$sum" ] || fail "what came is not the program that this server offers"
  signed "$room" "$target" "$sum" "$sig" || fail "the program's signature is wrong: nothing was installed"
  chmod 0755 "$draft"
  mv -f "$draft" "$bin"
  rm -rf "$room"
  exec "$bin" agent bootstrap --server "${server}" --token "$VIGO_TOKEN" "$@"
}

main "$@"
`;
}
