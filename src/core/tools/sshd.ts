/** What OpenSSH's server says of itself: its host keys and `sshd -T`. Must not know where they are read. */
import { createHash } from "node:crypto";

/** Of a public host key, with its kind. */
export const keyFile = /^ssh_host_(\w+)_key\.pub$/;

/** Of a line `ssh-ed25519 AAAA… comment`: sha256 of the key, base64 without its end. */
export function fingerprint(line: string): string | undefined {
  const [, key] = /^\S+ ([A-Za-z0-9+/=]+)/.exec(line) ?? [];
  if (key === undefined) return undefined;
  const hash = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64");
  return `SHA256:${hash.replace(/=+$/, "")}`;
}

const fields = {
  permit_root_login: "permitrootlogin",
  password_authentication: "passwordauthentication",
  kbd_interactive_authentication: "kbdinteractiveauthentication",
  pubkey_authentication: "pubkeyauthentication",
  permit_empty_passwords: "permitemptypasswords",
  x11_forwarding: "x11forwarding",
  allow_tcp_forwarding: "allowtcpforwarding",
  ciphers: "ciphers",
  macs: "macs",
  kex_algorithms: "kexalgorithms",
  login_grace_time: "logingracetime",
} as const;

/** A line a value, keywords in lower case; what adds up has several lines. */
export function parseSettings(shown: string) {
  const rows = shown.split("\n").map((line) => /^(\S+) (.*)$/.exec(line));
  const all = (keyword: string) =>
    rows.flatMap((row) => (row?.[1] === keyword ? [row[2]?.trim() ?? ""] : []));
  const plain = Object.entries(fields).flatMap(([field, keyword]) =>
    all(keyword)
      .slice(0, 1)
      .map((value) => [field, value] as const),
  );
  const tries = all("maxauthtries")[0];
  return {
    ports: all("port").map(Number),
    ...(tries !== undefined && { max_auth_tries: Number(tries) }),
    ...(Object.fromEntries(plain) as { [F in keyof typeof fields]?: string }),
    allow_users: all("allowusers").join(" "),
    allow_groups: all("allowgroups").join(" "),
  };
}
