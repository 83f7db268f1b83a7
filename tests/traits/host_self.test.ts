import { expect, test } from "bun:test";
import { hostSelf, openFiles } from "../../src/core/traits/host_self.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const at = (kills: number, now: string) =>
  fakeHost({
    files: {
      "/proc/vmstat": `nr_free_pages 1\noom_kill ${kills}\n`,
      "/proc/sys/fs/file-nr": "1024\t0\t4096\n",
      "/proc/1/comm": "systemd\n",
      "/proc/42/comm": "sh\n",
    },
    filesystems: {
      "/": { bytes: 100, freeBytes: 50, availableBytes: 40, inodes: 0, freeInodes: 0 },
    },
    now: new Date(now),
  }).host;

test("limits of the machine", async () => {
  expect(await collect(hostSelf, at(2, "2026-01-01T00:00:00Z"))).toEqual({
    fd_used_pct: 25,
    proc_count: 2,
    oom_recent: false,
    oom_kills: 2,
    oom_at: "",
    fs_root_pct: 55.6,
  });
});

test("a rise of the counter is recent for an hour", async () => {
  const before = await collect(hostSelf, at(2, "2026-01-01T00:00:00Z"));
  const risen = await collect(hostSelf, at(3, "2026-01-01T00:10:00Z"), before);
  expect(risen).toMatchObject({ oom_recent: true, oom_at: "2026-01-01T00:10:00.000Z" });
  const same = await collect(hostSelf, at(3, "2026-01-01T01:09:00Z"), risen);
  expect(same).toMatchObject({ oom_recent: true });
  const later = await collect(hostSelf, at(3, "2026-01-01T01:10:00Z"), same);
  expect(later).toMatchObject({ oom_recent: false, oom_kills: 3 });
  const restarted = await collect(hostSelf, at(0, "2026-01-01T02:00:00Z"), later);
  expect(restarted).toMatchObject({ oom_recent: false, oom_kills: 0 });
});

test.each([
  ["1024\t0\t9223372036854775807", 0],
  ["900 100 1000", 80],
  ["", 0],
])("open files %p", (line, share) => expect(openFiles(line)).toBe(share));
