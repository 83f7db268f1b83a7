import { expect, test } from "bun:test";
import { lvm } from "../../src/core/resources/lvm.ts";
import { bytesOf } from "../../src/core/tools/lvm.ts";
import { cases } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";

const ask = (kind: string, fields: string) =>
  `${kind}s --noheadings --separator | --units b --nosuffix -o ${fields}`;
const pvs = ask("pv", "pv_name,vg_name");
const vgs = ask("vg", "vg_name,vg_size,vg_free,vg_extent_size");
const lvs = ask("lv", "vg_name,lv_name,lv_size");
const nothing = { code: 2, stdout: "", stderr: "" };
const mega = 1024 ** 2;
const data = `  data|${512 * mega}|${256 * mega}|${4 * mega}\n`;

const probe = "blkid -p -o export /dev/data/logs";
const size = "dumpe2fs -h /dev/data/logs";
const sectors = "/sys/class/block/logs/size";
const ext = (megabytes: number) =>
  `Block count:              ${megabytes * 256}\nBlock size:               4096\n`;

/** Answers by question, and what acts make of them. */
function world(
  state: Record<string, string>,
  acts: Readonly<Record<string, Readonly<Record<string, string>>>>,
) {
  const asks = Object.keys(state).map((line) => [line, () => state[line] ?? ""] as const);
  const doing = Object.entries(acts).map(
    ([line, change]) =>
      [
        line,
        () => {
          Object.assign(state, change);
          return "";
        },
      ] as const,
  );
  return Object.fromEntries([...asks, ...doing]);
}

cases(lvm, {
  "makes a physical volume of an empty device": {
    given: {
      commands: {
        ...world({ [pvs]: "" }, { "pvcreate --yes /dev/sdb": { [pvs]: "  /dev/sdb|\n" } }),
        "blkid -p -o export /dev/sdb": nothing,
      },
    },
    wish: { kind: "pv", volume: "/dev/sdb" },
    does: ["run pvcreate --yes /dev/sdb"],
  },
  "and of no other": {
    given: { commands: { [pvs]: "", "blkid -p -o export /dev/sdb": "TYPE=xfs\n" } },
    wish: { kind: "pv", volume: "/dev/sdb" },
    does: [],
    ends: "failed",
    because: "/dev/sdb holds xfs, which is not destroyed",
  },
  "knows a device by its real name": {
    given: {
      nodes: { "/dev/disk/by-id/x": { kind: "symlink", target: "../../sdb" } },
      commands: { [pvs]: "  /dev/sdb|data\n" },
    },
    wish: { kind: "pv", volume: "/dev/disk/by-id/x" },
    does: [],
  },
  "makes a group": {
    given: {
      commands: {
        ...world(
          { [pvs]: "  /dev/sdb|\n", [vgs]: "" },
          { "vgcreate --yes data /dev/sdb": { [pvs]: "  /dev/sdb|data\n", [vgs]: data } },
        ),
      },
    },
    wish: { kind: "vg", volume: "data", devices: ["/dev/sdb"] },
    does: ["run vgcreate --yes data /dev/sdb"],
  },
  "adds a device that is missing and leaves others": {
    given: {
      commands: {
        ...world(
          { [pvs]: "  /dev/sdb|data\n  /dev/sdx|data\n", [vgs]: data },
          { "vgextend --yes data /dev/sdc": { [pvs]: "  /dev/sdb|data\n  /dev/sdc|data\n" } },
        ),
        "blkid -p -o export /dev/sdc": nothing,
      },
    },
    wish: { kind: "vg", volume: "data", devices: ["/dev/sdb", "/dev/sdc"] },
    does: ["run vgextend --yes data /dev/sdc"],
    says: { devices: [undefined, "/dev/sdc"] },
  },
  "takes no device from another group": {
    given: { commands: { [pvs]: "  /dev/sdb|other\n", [vgs]: "" } },
    wish: { kind: "vg", volume: "data", devices: ["/dev/sdb"] },
    does: [],
    ends: "failed",
    because: "/dev/sdb is in the group other already",
  },
  "makes a volume": {
    given: {
      commands: world(
        { [vgs]: data, [lvs]: "  data|else|4194304\n" },
        { "lvcreate --yes -L 100M -n logs data": { [lvs]: `  data|logs|${100 * mega}\n` } },
      ),
    },
    wish: { kind: "lv", vg: "data", volume: "logs", size: "100M" },
    does: ["run lvcreate --yes -L 100M -n logs data"],
    says: { size: [undefined, "100M"] },
  },
  "a smaller one grows with what is on it": {
    given: {
      files: { [sectors]: `${(100 * mega) / 512}\n` },
      commands: world(
        {
          [vgs]: data,
          [lvs]: `  data|logs|${64 * mega}\n`,
          [probe]: "TYPE=ext4\n",
          [size]: ext(64),
        },
        {
          "lvextend --yes -L 100M data/logs": { [lvs]: `  data|logs|${100 * mega}\n` },
          "e2fsck -f -p /dev/data/logs": {},
          "resize2fs /dev/data/logs": { [size]: ext(100) },
        },
      ),
    },
    wish: { kind: "lv", vg: "data", volume: "logs", size: "100M", resize: true },
    does: [
      "run lvextend --yes -L 100M data/logs",
      "run e2fsck -f -p /dev/data/logs",
      "run resize2fs /dev/data/logs",
    ],
    says: { size: ["64 MiB", "100M"] },
  },
  "goes on where it was stopped between the two": {
    given: {
      files: {
        [sectors]: `${(100 * mega) / 512}\n`,
        "/proc/self/mounts": "/dev/data/logs /srv ext4 rw 0 0\n",
      },
      commands: world(
        {
          [vgs]: data,
          [lvs]: `  data|logs|${100 * mega}\n`,
          [probe]: "TYPE=ext4\n",
          [size]: ext(64),
        },
        { "resize2fs /dev/data/logs": { [size]: ext(100) } },
      ),
    },
    wish: { kind: "lv", vg: "data", volume: "logs", size: "100M", resize: true },
    does: ["run resize2fs /dev/data/logs"],
    says: { "file system": ["64 MiB", "100 MiB"] },
  },
  "grows alone where nothing on it can": {
    given: {
      commands: world(
        { [vgs]: data, [lvs]: `  data|logs|${64 * mega}\n`, [probe]: "TYPE=swap\n" },
        { "lvextend --yes -L 100M data/logs": { [lvs]: `  data|logs|${100 * mega}\n` } },
      ),
    },
    wish: { kind: "lv", vg: "data", volume: "logs", size: "100M", resize: true },
    does: ["run lvextend --yes -L 100M data/logs"],
  },
  "a bigger one stays": {
    given: {
      commands: { [vgs]: data, [lvs]: `  data|logs|${200 * mega}\n`, [probe]: nothing },
    },
    wish: { kind: "lv", vg: "data", volume: "logs", size: "25%VG", resize: true },
    does: [],
  },
  "and one that is not to grow": {
    given: { commands: { [vgs]: data, [lvs]: "  data|small|4194304\n" } },
    wish: { kind: "lv", vg: "data", volume: "small", size: "25%VG" },
    does: [],
  },
  "a device that the kernel has by another name than lvm": {
    given: {
      nodes: { "/dev/mapper/safe": { kind: "symlink", target: "../dm-0" } },
      commands: { [pvs]: "  /dev/mapper/safe|data\n", [vgs]: data },
    },
    wish: { kind: "vg", volume: "data", devices: ["/dev/mapper/safe"] },
    does: [],
  },
  "an empty group goes": {
    given: {
      commands: world({ [vgs]: data, [lvs]: "" }, { "vgremove --yes data": { [vgs]: "" } }),
    },
    wish: { kind: "vg", volume: "data", state: "absent" },
    does: ["run vgremove --yes data"],
  },
  "a group that holds something stays": {
    given: { commands: { [vgs]: data, [lvs]: "  data|logs|4194304\n  data|home|4194304\n" } },
    wish: { kind: "vg", volume: "data", state: "absent" },
    does: [],
    ends: "failed",
    because: "data holds logs, home, which is not destroyed",
  },
  "all that was free is no goal any more": {
    given: {
      commands: { [vgs]: data, [lvs]: `  data|logs|${100 * mega}\n`, [probe]: nothing },
    },
    wish: { kind: "lv", vg: "data", volume: "logs", size: "100%FREE", resize: true },
    does: [],
  },
  "absent, each in its way": {
    given: {
      commands: world(
        { [vgs]: data, [lvs]: "  data|logs|4194304\n" },
        { "lvremove --yes data/logs": { [lvs]: "" } },
      ),
    },
    wish: { kind: "lv", vg: "data", volume: "logs", state: "absent" },
    does: ["run lvremove --yes data/logs"],
  },
  "absent from a group that is not there": {
    given: { commands: { [vgs]: "", [lvs]: "" } },
    wish: { kind: "lv", vg: "data", volume: "logs", state: "absent" },
    does: [],
  },
  "without lvm": {
    given: { commands: { [pvs]: { code: 127, stdout: "", stderr: "pvs: not found" } } },
    wish: { kind: "pv", volume: "/dev/sdb" },
    does: [],
    ends: "failed",
    because: "is the package lvm2 installed?",
  },
});

test("sizes are whole extents", () => {
  const group = { bytes: 1000 * mega, freeBytes: 10 * mega, extentBytes: 4 * mega };
  const sizes = ["1M", "4M", "1G", "50%VG", "33%VG", "100%FREE"];
  expect(sizes.map((size) => bytesOf(size, group) / mega)).toEqual([4, 4, 1024, 500, 328, 8]);
});

test("what is made comes after what it is made of", () => {
  const of = (wish: object) => {
    const p = lvm.params.parse(wish);
    return [lvm.claims(p).map(({ id }) => id), lvm.after?.(p)];
  };
  expect(of({ kind: "lv", vg: "data", volume: "logs", size: "1G" })).toEqual([
    ["device:/dev/data/logs"],
    ["lvm:vg:data"],
  ]);
  expect(of({ kind: "vg", volume: "data", devices: ["/dev/sdb"] })[1]).toContain("lvm:pv:/dev/sdb");
});

test("a group whose volumes are others' business too may go after them", async () => {
  const gone = lvm.params.parse({ kind: "vg", volume: "data", state: "absent" });
  const commands = { [vgs]: data, [lvs]: "  data|logs|4194304\n" };
  const { host, log } = fakeHost({ commands, owned: ["device:/dev/data/logs"] });
  expect(await lvm.check(gone, host)).toHaveLength(1);
  const nobodys = await lvm.check(gone, fakeHost({ commands }).host).catch(String);
  expect(nobodys).toContain("data holds logs");
  const error = await lvm.apply(gone, host, []).catch((thrown: unknown) => thrown);
  expect([`${error}`, log]).toEqual([expect.stringContaining("data holds logs"), []]);
});
