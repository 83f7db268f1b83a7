import { expect, test } from "bun:test";
import { filesystem } from "../../src/core/resources/filesystem.ts";
import { parseSignature } from "../../src/core/tools/block-device.ts";
import { cases } from "../support/cases.ts";
import type { Act } from "../support/fake-host.ts";

const device = "/dev/sdb";
const probe = `blkid -p -o export ${device}`;
const nothing = { code: 2, stdout: "", stderr: "" };
const there = { [device]: { kind: "other" as const } };
const unfinished = `od -An -tu1 -j126 -N1 ${device}`;
const mounts = "/proc/self/mounts";
const xfsAside = `unshare --mount sh -euc mount -t xfs -- "$1" /mnt; exec xfs_growfs /mnt sh ${device}`;

/** Answers that follow one another as commands that act are run. */
function world(
  first: Record<string, Act | string | typeof nothing>,
  acts: Readonly<Record<string, Record<string, string | typeof nothing>>>,
) {
  const now = new Map(Object.entries(first));
  const asking = [...new Set([...now.keys(), ...Object.values(acts).flatMap(Object.keys)])];
  const answer = (line: string, files: Map<string, string>) => {
    const is = now.get(line) ?? nothing;
    return typeof is === "function" ? is(files) : is;
  };
  const act = (change: Record<string, string | typeof nothing>) => () => {
    for (const [line, said] of Object.entries(change)) now.set(line, said);
    return "";
  };
  return Object.fromEntries<Act>([
    ...asking.map((line) => [line, (files: Map<string, string>) => answer(line, files)] as const),
    ...Object.entries(acts).map(([line, change]) => [line, act(change)] as const),
  ]);
}

const ext4 = (label?: string) =>
  `DEVNAME=${device}\n${label === undefined ? "" : `LABEL=${label}\n`}UUID=1\nTYPE=ext4\n`;
const blocks = (count: number) =>
  `Filesystem volume name:   <none>\nBlock count:              ${count}\nBlock size:               4096\n`;

cases(filesystem, {
  "formats what is empty": {
    given: {
      nodes: there,
      commands: world(
        { [probe]: nothing },
        { [`mkfs.ext4 -F -L data -m 1 ${device}`]: { [probe]: ext4("data") } },
      ),
    },
    wish: { device, fstype: "ext4", label: "data", options: ["-m", 1] },
    does: [`run mkfs.ext4 -F -L data -m 1 ${device}`],
    says: { fstype: [undefined, "ext4"], label: [undefined, "data"] },
  },
  "leaves a right one alone, and a label it is not told": {
    given: { commands: { [probe]: ext4("theirs") } },
    wish: { device, fstype: "ext4" },
    does: [],
  },
  "does not destroy another one": {
    given: { commands: { [probe]: ext4() } },
    wish: { device, fstype: "xfs" },
    does: [],
    ends: "failed",
    because: "/dev/sdb holds ext4, which is not destroyed (say force: true",
  },
  "nor a table of partitions": {
    given: { commands: { [probe]: `DEVNAME=${device}\nPTUUID=1\nPTTYPE=gpt\n` } },
    wish: { device, fstype: "xfs" },
    does: [],
    ends: "failed",
    because: "table of partitions (gpt)",
  },
  "but by force": {
    given: {
      nodes: there,
      commands: world(
        { [probe]: ext4() },
        {
          [`wipefs --all ${device}`]: { [probe]: nothing },
          [`mkfs.xfs -f ${device}`]: { [probe]: "TYPE=xfs\n", [unfinished]: "   0\n" },
        },
      ),
    },
    wish: { device, fstype: "xfs", force: true },
    does: [`run wipefs --all ${device}`, `run mkfs.xfs -f ${device}`],
    says: { fstype: ["ext4", "xfs"] },
  },
  "makes anew what was stopped before its end": {
    given: {
      nodes: there,
      commands: world(
        { [probe]: "TYPE=xfs\n", [unfinished]: "   1\n" },
        {
          [`wipefs --all ${device}`]: { [probe]: nothing },
          [`mkfs.xfs -f -L pages ${device}`]: {
            [probe]: "LABEL=pages\nTYPE=xfs\n",
            [unfinished]: "   0\n",
          },
        },
      ),
    },
    wish: { device, fstype: "xfs", label: "pages" },
    does: [`run wipefs --all ${device}`, `run mkfs.xfs -f -L pages ${device}`],
    says: { fstype: ["unfinished xfs", "xfs"] },
  },
  "never what is mounted": {
    given: {
      nodes: there,
      files: { [mounts]: `${device} /srv ext4 rw 0 0\n` },
      commands: { [probe]: ext4() },
    },
    wish: { device, fstype: "xfs", force: true },
    does: [],
    ends: "failed",
    because: "is mounted on /srv",
  },
  "names it": {
    given: {
      commands: world(
        { [probe]: ext4("old") },
        { [`e2label ${device} new`]: { [probe]: ext4("new") } },
      ),
    },
    wish: { device, fstype: "ext4", label: "new" },
    does: [`run e2label ${device} new`],
    says: { label: ["old", "new"] },
  },
  "takes a name away from a mounted xfs": {
    given: {
      files: { [mounts]: `${device} /srv xfs rw 0 0\n` },
      commands: world(
        { [probe]: "LABEL=old\nTYPE=xfs\n" },
        { "xfs_io -c label -c /srv": { [probe]: "TYPE=xfs\n" } },
      ),
    },
    wish: { device, fstype: "xfs", label: "" },
    does: ["run xfs_io -c label -c /srv"],
  },
  "grows to its device": {
    given: {
      files: { "/sys/class/block/sdb/size": "1048576\n" },
      commands: world(
        { [probe]: ext4(), [`dumpe2fs -h ${device}`]: blocks(25_600) },
        {
          [`e2fsck -f -p ${device}`]: {},
          [`resize2fs ${device}`]: { [`dumpe2fs -h ${device}`]: blocks(131_072) },
        },
      ),
    },
    wish: { device, fstype: "ext4", resize: true },
    does: [`run e2fsck -f -p ${device}`, `run resize2fs ${device}`],
    says: { size: ["100 MiB", "512 MiB"] },
  },
  "what is rounded off is no difference": {
    given: {
      files: { "/sys/class/block/dm-1/size": "1049000\n" },
      nodes: { "/dev/vg/a": { kind: "symlink", target: "../dm-1" } },
      commands: {
        "blkid -p -o export /dev/vg/a": "TYPE=ext4\n",
        "dumpe2fs -h /dev/vg/a": blocks(131_072),
      },
    },
    wish: { device: "/dev/vg/a", fstype: "ext4", resize: true },
    does: [],
  },
  "a last group that is too small for its tables stays unused": {
    given: {
      files: { "/sys/class/block/sdb/size": `${642 * 2048}\n` },
      commands: {
        [probe]: ext4(),
        [`dumpe2fs -h ${device}`]:
          "Block count:              163840\nReserved GDT blocks:      74\nFirst block:              0\nBlock size:               4096\nGroup descriptor size:    64\nBlocks per group:         32768\nInode blocks per group:   480\n",
      },
    },
    wish: { device, fstype: "ext4", resize: true },
    does: [],
  },
  "xfs grows where it is mounted": {
    given: {
      files: { "/sys/class/block/sdb/size": "1048576\n", [mounts]: `${device} /srv xfs rw 0 0\n` },
      commands: world(
        {
          [probe]: "TYPE=xfs\n",
          "xfs_info /srv":
            "data     =                       bsize=4096   blocks=65536, imaxpct=25\n",
        },
        {
          "xfs_growfs /srv": {
            "xfs_info /srv":
              "data     =                       bsize=4096   blocks=131072, imaxpct=25\n",
          },
        },
      ),
    },
    wish: { device, fstype: "xfs", resize: true },
    does: ["run xfs_growfs /srv"],
  },
  "and elsewhere for as long as it takes": {
    given: {
      files: { "/sys/class/block/sdb/size": "1048576\n" },
      commands: world(
        {
          [probe]: "TYPE=xfs\n",
          [unfinished]: "   0\n",
          [`xfs_info ${device}`]: "data     =       bsize=4096   blocks=65536, imaxpct=25\n",
        },
        {
          [xfsAside]: {
            [`xfs_info ${device}`]: "data     =       bsize=4096   blocks=131072, imaxpct=25\n",
          },
        },
      ),
    },
    wish: { device, fstype: "xfs", resize: true },
    does: [`run ${xfsAside}`],
    says: { size: ["256 MiB", "512 MiB"] },
  },
  "what is damaged does not grow": {
    given: {
      files: { "/sys/class/block/sdb/size": "1048576\n" },
      commands: {
        [probe]: ext4(),
        [`dumpe2fs -h ${device}`]: blocks(25_600),
        [`e2fsck -f -p ${device}`]: { code: 4, stdout: "", stderr: "UNEXPECTED INCONSISTENCY" },
      },
    },
    wish: { device, fstype: "ext4", resize: true },
    does: [`run e2fsck -f -p ${device}`],
    ends: "failed",
    because: "UNEXPECTED INCONSISTENCY",
  },
  "there is no such device": {
    given: { commands: { [probe]: nothing } },
    wish: { device, fstype: "ext4" },
    does: [],
    ends: "failed",
    because: "there is no device /dev/sdb",
  },
  "absent needs force": {
    given: { commands: { [probe]: ext4() } },
    wish: { device, fstype: "ext4", state: "absent" },
    does: [],
    ends: "failed",
    because: "say force: true",
  },
  "absent erases the mark": {
    given: {
      nodes: there,
      commands: world({ [probe]: ext4() }, { [`wipefs --all ${device}`]: { [probe]: nothing } }),
    },
    wish: { device, fstype: "ext4", state: "absent", force: true },
    does: [`run wipefs --all ${device}`],
  },
  "absent has nothing to say about another one": {
    given: { commands: { [probe]: "TYPE=swap\n" } },
    wish: { device, fstype: "ext4", state: "absent" },
    does: [],
  },
});

test("labels have the length their kind can keep", () => {
  const fits = (fstype: string, label: string) =>
    filesystem.params.safeParse({ device, fstype, label }).success;
  expect([fits("xfs", "x".repeat(12)), fits("xfs", "x".repeat(13))]).toEqual([true, false]);
  expect([fits("vfat", "x".repeat(11)), fits("ext4", "x".repeat(16))]).toEqual([true, true]);
});

test("blkid writes blanks in values with a backslash", () => {
  expect(parseSignature("LABEL=my\\ data\nTYPE=ext4\n")).toEqual({
    type: "ext4",
    label: "my data",
  });
});
