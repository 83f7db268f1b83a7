import { describe, expect, test } from "bun:test";
import { VigoError } from "../../src/core/errors.ts";
import { lastLogin, lastlogBytes } from "../../src/core/tools/lastlog.ts";
import { parseSudoers } from "../../src/core/tools/sudo-rules.ts";
import { users } from "../../src/core/traits/users.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";
import { fixture } from "../support/fixture.ts";

/** A file in which one uid logged in at one second, as glibc lays it out. */
function lastlog(record: number, uid: number, seconds: number): Uint8Array {
  const bytes = new Uint8Array(record * (uid + 1));
  new DataView(bytes.buffer).setUint32(record * uid, seconds, true);
  return bytes;
}

describe("users", () => {
  test("of a Debian-like machine", async () => {
    const { host } = fakeHost({ files: await fixture("ubuntu-24.04") });
    const read: typeof host.read = async (path, options) =>
      path === "/var/log/lastlog" ? lastlog(292, 1001, 1_767_225_600) : host.read(path, options);
    const value = await collect(users, { ...host, read });
    expect(value).toEqual({
      human: ["ubuntu", "dana", "kim"],
      system: ["root", "daemon", "nobody", "sshd"],
      logged_in: ["dana"],
      sudoers: ["ubuntu", "dana", "kim"],
      last_login: { dana: "2026-01-01T00:00:00.000Z" },
    });
    expect(users.value.safeParse(value)).toMatchObject({ success: true });
  });

  test("of a Red Hat-like machine: aliases, primary groups, comments", async () => {
    const { host } = fakeHost({ files: await fixture("rocky-9") });
    const value = await collect(users, host);
    expect(value?.sudoers).toEqual(["dana", "kim", "lee", "noor"]);
  });

  test("without root, nothing is known of sudo and the rest is told", async () => {
    const { host } = fakeHost({ files: await fixture("rocky-9") });
    const denied = async (path: string) => {
      throw new VigoError("denied", `cannot read ${path}: permission denied`);
    };
    const value = await collect(users, {
      ...host,
      list: (path) => (path === "/etc/sudoers.d" ? denied(path) : host.list(path)),
      read: (path, options) =>
        path.startsWith("/etc/sudoers") ? denied(path) : host.read(path, options),
    });
    expect(value).toMatchObject({ sudoers: [], human: ["dana", "kim", "lee", "noor", "guest"] });
  });

  test("is absent where there are no accounts", async () => {
    expect(await collect(users, fakeHost().host)).toBeUndefined();
  });
});

test.each([
  ["amd64", 292],
  ["arm64", 296],
])("lastlog of %s", (arch, record) => {
  const bytes = lastlog(record, 7, 42);
  expect(lastlogBytes(arch, 7)).toBe(bytes.length);
  expect([6, 7, 8].map((uid) => lastLogin(bytes, arch, uid))).toEqual([undefined, 42, undefined]);
});

test.each([
  ["dana ALL=(ALL) ALL", { users: ["dana"], groups: [], all: false }],
  ["dana, kim , %ops web=/bin/ls", { users: ["dana", "kim"], groups: ["ops"], all: false }],
  ["ALL ALL=(ALL) /bin/true", { users: [], groups: [], all: true }],
  ["Defaults:dana !requiretty", { users: [], groups: [], all: false }],
  ["User_Alias A = B\nUser_Alias B = A\nA ALL=ALL", { users: ["A"], groups: [], all: false }],
  ["dana ALL = \\\n  NOPASSWD: ALL", { users: ["dana"], groups: [], all: false }],
])("sudoers %p", (text, told) => expect(parseSudoers(text)).toEqual(told));
