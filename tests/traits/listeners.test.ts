import { describe, expect, test } from "bun:test";
import { VigoError } from "../../src/core/errors.ts";
import { listeners } from "../../src/core/traits/listeners.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";
import { fixture } from "../support/fixture.ts";

const socket = (inode: number) => ({ kind: "symlink", target: `socket:[${inode}]` }) as const;
const nodes = {
  "/proc/1/fd/7": socket(17002),
  "/proc/1/exe": { kind: "symlink", target: "/usr/lib/systemd/systemd" },
  "/proc/600/fd/3": socket(17002),
  "/proc/600/fd/4": socket(17004),
  "/proc/600/fd/5": { kind: "symlink", target: "/dev/null" },
  "/proc/600/exe": { kind: "symlink", target: "/usr/sbin/sshd" },
  "/proc/700/fd/9": socket(17005),
} as const;
const files = {
  "/proc/1/comm": "systemd\n",
  "/proc/600/comm": "sshd\n",
  "/proc/700/comm": "redis-server\n",
};

describe("listeners", () => {
  test("by port, with the first process that holds each", async () => {
    const { host } = fakeHost({ files: { ...(await fixture("debian-12")), ...files }, nodes });
    const value = await collect(listeners, host);
    const short = value?.sockets.map((it) => [
      it.port,
      it.protocol,
      it.bind_address,
      it.pid,
      it.comm,
      it.exe,
    ]);
    expect(short).toEqual([
      [22, "tcp", "0.0.0.0", 1, "systemd", "/usr/lib/systemd/systemd"],
      [22, "tcp", "::", 600, "sshd", "/usr/sbin/sshd"],
      [53, "tcp", "127.0.0.53", 0, "", ""],
      [68, "udp", "0.0.0.0", 0, "", ""],
      [546, "udp", "fe80::5054:ff:fe12:3456", 0, "", ""],
      [6379, "tcp", "::1", 700, "redis-server", ""],
    ]);
  });

  test("without root other people's programs are unknown, and the sockets are told", async () => {
    const { host } = fakeHost({ files: { ...(await fixture("debian-12")), ...files }, nodes });
    const list: typeof host.list = async (path) => {
      if (/^\/proc\/\d+\/fd$/.test(path)) throw new VigoError("denied", `cannot list ${path}`);
      return host.list(path);
    };
    const value = await collect(listeners, { ...host, list });
    expect(value?.sockets.map(({ pid }) => pid)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("a process that ends meanwhile is passed over", async () => {
    const { host } = fakeHost({ files: { ...(await fixture("debian-12")), ...files }, nodes });
    const list: typeof host.list = async (path) => {
      if (path !== "/proc/1/fd") return host.list(path);
      const cause = Object.assign(new Error("gone"), { code: "ESRCH" });
      throw new VigoError("failed", "cannot list: ESRCH", { cause });
    };
    const value = await collect(listeners, { ...host, list });
    expect(value?.sockets[0]).toMatchObject({ port: 22, pid: 600, comm: "sshd" });
  });
});
