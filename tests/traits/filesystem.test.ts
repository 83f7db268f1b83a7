import { expect, test } from "bun:test";
import { usedFigures } from "../../src/core/tools/percent.ts";
import { filesystem, localMounts } from "../../src/core/traits/filesystem.ts";
import { parseMountinfo } from "../../src/core/tools/mountinfo.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";
import { fixture } from "../support/fixture.ts";

const mib = 1024 * 1024;
const use = (bytes: number, freeBytes: number, availableBytes: number) => ({
  bytes: bytes * mib,
  freeBytes: freeBytes * mib,
  availableBytes: availableBytes * mib,
  inodes: 1000,
  freeInodes: 750,
});

test("one entry for each local file system, by the mount point people know", async () => {
  const filesystems = {
    "/": use(1000, 500, 400),
    "/boot": use(100, 100, 100),
    "/home": use(2000, 0, 0),
    "/data/two words": use(10, 5, 5),
    "/etc/mounted": use(10, 5, 5),
  };
  const nodes = Object.fromEntries(Object.keys(filesystems).map((path) => [path, {}]));
  const files: Record<string, string> = {
    ...(await fixture("rocky-9")),
    "/etc/mounted": "a file over another one",
  };
  files["/proc/self/mountinfo"] += "40 22 8:33 /f /etc/mounted rw - ext4 /dev/sdc1 rw\n";
  const { host } = fakeHost({
    files,
    filesystems,
    nodes: { ...nodes, "/etc/mounted": { kind: "file" } },
  });
  const value = await collect(filesystem, host);
  expect(value).toEqual({
    root_used_pct: 55.6,
    mounts: {
      "/": { size_mb: 1000, used_pct: 55.6, inodes_used_pct: 25 },
      "/boot": { size_mb: 100, used_pct: 0, inodes_used_pct: 25 },
      "/home": { size_mb: 2000, used_pct: 100, inodes_used_pct: 25 },
      "/data/two words": { size_mb: 10, used_pct: 50, inodes_used_pct: 25 },
    },
  });
  expect(filesystem.value.safeParse(value)).toMatchObject({ success: true });
});

test("the root counts whatever it is, and what is mounted over something hides it", () => {
  const table = [
    "1 0 0:1 / / rw - rootfs rootfs rw",
    "2 0 0:30 / / rw,relatime - overlay overlay rw,lowerdir=/a",
    "3 2 0:31 / /tmp rw - tmpfs tmpfs rw",
    "4 2 8:1 / /data rw shared:1 master:2 - ext4 /dev/sda1 rw",
    "5 4 0:32 / /data rw - tmpfs tmpfs rw",
  ].join("\n");
  expect(localMounts(parseMountinfo(table)).map(({ device }) => device)).toEqual(["0:30"]);
});

test("no file system is more than full, and one without inodes uses none", () => {
  const odd = { bytes: 0, freeBytes: 0, availableBytes: 0, inodes: 0, freeInodes: 0 };
  expect(usedFigures(odd)).toEqual({ size_mb: 0, used_pct: 0, inodes_used_pct: 0 });
});
