import { describe, expect, test } from "bun:test";
import { fingerprint, parseSettings } from "../../src/core/tools/sshd.ts";
import { ssh } from "../../src/core/traits/ssh.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

/** A key and its fingerprint, as ssh-keygen made and told them. */
const key =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMW3v/rwQv/Nmz1259RSOLtEWb6pqbh5ma3r15s66qp1 root@web\n";
const print = "SHA256:OZO1uX73Eh5ulhpQYeYK4mwx89apIdBgxzGkVIOolpM";
const shown = [
  "port 22",
  "port 2222",
  "addressfamily any",
  "permitrootlogin without-password",
  "passwordauthentication no",
  "kbdinteractiveauthentication no",
  "pubkeyauthentication yes",
  "permitemptypasswords no",
  "x11forwarding yes",
  "allowtcpforwarding yes",
  "maxauthtries 6",
  "logingracetime 120",
  "allowusers dana",
  "allowusers kim@192.0.2.*",
  "ciphers chacha20-poly1305@openssh.com,aes128-ctr",
  "macs umac-64-etm@openssh.com",
  "kexalgorithms curve25519-sha256",
  "",
].join("\n");

describe("ssh", () => {
  const files = {
    "/etc/ssh/ssh_host_ed25519_key.pub": key,
    "/etc/ssh/ssh_host_rsa_key.pub": "ssh-rsa nothing\n",
    "/etc/ssh/ssh_host_ed25519_key": "secret",
    "/usr/sbin/sshd": "",
  };

  test("keys, and what sshd says it obeys", async () => {
    const { host } = fakeHost({ files, commands: { "/usr/sbin/sshd -T": shown } });
    expect(await collect(ssh, host)).toMatchObject({
      host_key_fingerprints: { ed25519: print },
      ports: [22, 2222],
      max_auth_tries: 6,
      permit_root_login: "without-password",
      password_authentication: "no",
      login_grace_time: "120",
      allow_users: "dana kim@192.0.2.*",
      allow_groups: "",
    });
  });

  test("an sshd that cannot answer leaves the keys", async () => {
    const commands = {
      "/usr/sbin/sshd -T": { code: 1, stdout: "", stderr: "no hostkeys available\n" },
    };
    const { host } = fakeHost({ files, commands });
    const value = await collect(ssh, host);
    expect(Object.keys(value ?? {})).toEqual(["host_key_fingerprints"]);
  });

  test("is absent where there is neither", async () => {
    expect(await collect(ssh, fakeHost().host)).toBeUndefined();
  });

  test("odd texts", () => {
    expect(fingerprint("")).toBeUndefined();
    expect(parseSettings("")).toEqual({ ports: [], allow_users: "", allow_groups: "" });
  });
});
