/**
 * The `ssh` trait: host keys of the machine and what sshd obeys, as `sshd -T` says it: its defaults are in the program, and what
 * a file says may not count. Must not know users' keys.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileText } from "../tools/file-text.ts";
import { fingerprint, keyFile, parseSettings } from "../tools/sshd.ts";
import { defineTrait } from "../trait.ts";

const setting = (keyword: string, what: string) =>
  z
    .string()
    .exactOptional()
    .meta({ description: `\`${keyword}\`: ${what} Missing where sshd does not answer.` });

export const ssh = defineTrait({
  name: "ssh",
  summary: "Host keys and settings of the SSH server.",
  platforms: ["linux", "darwin"],
  elsewhere: {
    windows: () => (require("./windows/software.ts") as typeof import("./windows/software.ts")).ssh,
  },
  keep: "hour",
  timeoutMs: 10_000,
  value: () =>
    z.strictObject({
      host_key_fingerprints: z
        .record(z.string(), z.string())
        .meta({ description: "By kind of key (`ed25519`): `SHA256:…`, as ssh-keygen -l says it." }),
      ports: z.array(z.int()).exactOptional().meta({
        description: "`Port`: where it listens. Missing where sshd does not answer.",
      }),
      max_auth_tries: z.int().exactOptional().meta({
        description: "`MaxAuthTries`: attempts a connection. Missing where sshd does not answer.",
      }),
      permit_root_login: setting("PermitRootLogin", "yes, no, without-password."),
      password_authentication: setting("PasswordAuthentication", "yes or no."),
      kbd_interactive_authentication: setting("KbdInteractiveAuthentication", "yes or no."),
      pubkey_authentication: setting("PubkeyAuthentication", "yes or no."),
      permit_empty_passwords: setting("PermitEmptyPasswords", "yes or no."),
      x11_forwarding: setting("X11Forwarding", "yes or no."),
      allow_tcp_forwarding: setting("AllowTcpForwarding", "yes, no, local, remote."),
      allow_users: setting("AllowUsers", "patterns between blanks; empty: everybody."),
      allow_groups: setting("AllowGroups", "patterns between blanks; empty: everybody."),
      ciphers: setting("Ciphers", "names between commas."),
      macs: setting("MACs", "names between commas."),
      kex_algorithms: setting("KexAlgorithms", "names between commas."),
      login_grace_time: setting("LoginGraceTime", "seconds."),
    }),
  async collect(host) {
    const [host_key_fingerprints, settings] = await Promise.all([hostKeys(host), effective(host)]);
    if (settings === undefined && Object.keys(host_key_fingerprints).length === 0) return undefined;
    return { host_key_fingerprints, ...settings };
  },
  example: {
    host_key_fingerprints: { ed25519: "SHA256:iW9xVjzYvP0bq7Y2O8m6p1nQ4cXrT5uK3sZ0aBcDeFg" },
    ports: [22],
    max_auth_tries: 6,
    permit_root_login: "no",
    password_authentication: "no",
    pubkey_authentication: "yes",
  },
});

async function hostKeys(host: ReadHost): Promise<Record<string, string>> {
  const names = ((await host.list("/etc/ssh")) ?? []).filter((name) => keyFile.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const print = fingerprint((await fileText(host, `/etc/ssh/${name}`)) ?? "");
      return print === undefined ? [] : [[keyFile.exec(name)?.[1] ?? name, print] as const];
    }),
  );
  return Object.fromEntries(found.flat());
}

/** sshd starts itself anew, so it wants to be called by its whole path. */
const programs = ["/usr/sbin/sshd", "/usr/bin/sshd"];

/** Without host keys, without its folder in /run or without root it gives none: then only the keys are told. */
async function effective(host: ReadHost) {
  for (const program of programs) {
    if ((await host.stat(program, { follow: true })) === undefined) continue;
    const { code, stdout } = await host.query({ argv: [program, "-T"], timeoutMs: 8_000 });
    return code === 0 ? parseSettings(stdout) : undefined;
  }
  return undefined;
}
