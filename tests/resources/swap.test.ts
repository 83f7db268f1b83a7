import { expect, test } from "bun:test";
import { swap } from "../../src/core/resources/swap.ts";
import { parseSwaps } from "../../src/core/tools/swap.ts";
import { cases } from "../support/cases.ts";
import { edits } from "../support/fake-host.ts";

const fstab = "/etc/fstab";
const swaps = "/proc/swaps";
const head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
const active = (path: string, priority = -2) =>
  edits(
    swaps,
    () => `${head}${path}                               file\t\t1020\t\t0\t\t${priority}\n`,
  );
const idle = edits(swaps, () => head);
const file = { path: "/swapfile", size_mb: 1 };
const line = "/swapfile none swap sw 0 0\n";
const mebi = "x".repeat(1024 * 1024);
const probe = "blkid -p -o export /swapfile";
const isSwap = "DEVNAME=/swapfile\nUUID=1\nTYPE=swap\nUSAGE=other\n";
const nothing = { code: 2, stdout: "", stderr: "" };
const compare = "cmp -s -n 1048576 /swapfile /dev/zero";
const differs = { code: 1, stdout: "", stderr: "" };
const filled = edits("/swapfile", () => mebi);
const mode = { "/swapfile": { kind: "file" as const, mode: 0o600 } };

/** What blkid says before and after mkswap. */
function marking(device: string) {
  let made = false;
  return {
    [`blkid -p -o export ${device}`]: () => (made ? "TYPE=swap\n" : nothing),
    [`mkswap ${device}`]: () => {
      made = true;
      return "";
    },
  };
}

cases(swap, {
  "makes a file, marks it, stores it and takes it into use": {
    given: {
      files: { [fstab]: "# ours\n", [swaps]: head },
      commands: {
        ...marking("/swapfile"),
        "fallocate -l 1048576 /swapfile": filled,
        "swapon -p 5 /swapfile": active("/swapfile", 5),
      },
    },
    wish: { ...file, priority: 5 },
    does: [
      "write /swapfile",
      "run fallocate -l 1048576 /swapfile",
      "run mkswap /swapfile",
      `write ${fstab}`,
      "run swapon -p 5 /swapfile",
    ],
    leaves: { [fstab]: "# ours\n/swapfile none swap sw,pri=5 0 0\n" },
  },
  "on btrfs the file is one that is written in place": {
    given: {
      files: {
        [fstab]: line,
        [swaps]: head,
        "/proc/self/mounts": "/dev/a / btrfs rw 0 0\n/dev/b /swap ext4 rw 0 0\n",
      },
      commands: {
        ...marking("/swapfile"),
        "chattr +C /swapfile": "",
        "fallocate -l 1048576 /swapfile": filled,
        "swapon /swapfile": active("/swapfile"),
      },
    },
    wish: file,
    does: [
      "write /swapfile",
      "run chattr +C /swapfile",
      "run fallocate -l 1048576 /swapfile",
      "run mkswap /swapfile",
      "run swapon /swapfile",
    ],
  },
  "leaves a right machine alone": {
    given: {
      files: { [fstab]: line, [swaps]: `${head}/swapfile file 1020 0 -2\n`, "/swapfile": mebi },
      nodes: mode,
      commands: { [probe]: isSwap },
    },
    wish: file,
    does: [],
  },
  "makes it anew in another size": {
    given: {
      files: {
        [fstab]: line,
        [swaps]: `${head}/swapfile file 508 0 -2\n`,
        "/swapfile": "x".repeat(512 * 1024),
      },
      nodes: mode,
      commands: {
        [probe]: isSwap,
        "swapoff /swapfile": idle,
        "fallocate -l 1048576 /swapfile": filled,
        "mkswap /swapfile": "",
        "swapon /swapfile": active("/swapfile"),
      },
    },
    wish: file,
    does: [
      "run swapoff /swapfile",
      "write /swapfile",
      "run fallocate -l 1048576 /swapfile",
      "run mkswap /swapfile",
      "run swapon /swapfile",
    ],
    says: { size: ["0.5 MiB", "1 MiB"] },
  },
  "knows a device by whatever name fstab has for it": {
    given: {
      files: {
        [fstab]: "UUID=7 none swap sw 0 0 # installer\n",
        [swaps]: `${head}/dev/sdb partition 1020 0 -2\n`,
      },
      nodes: { "/dev/disk/by-uuid/7": { kind: "symlink", target: "../../sdb" } },
      commands: { "blkid -p -o export /dev/sdb": "TYPE=swap\n" },
    },
    wish: { device: "/dev/sdb" },
    does: [],
  },
  "takes every line about a device away": {
    given: {
      files: {
        [fstab]: "UUID=7 none swap sw 0 0\n/dev/sdc none swap sw\n/dev/sdb none swap sw\n",
        [swaps]: head,
      },
      nodes: { "/dev/disk/by-uuid/7": { kind: "symlink", target: "../../sdb" } },
    },
    wish: { device: "/dev/sdb", state: "absent" },
    does: [`write ${fstab}`],
    leaves: { [fstab]: "/dev/sdc none swap sw\n" },
  },
  "a file that others may read stays in use": {
    given: {
      files: { [fstab]: line, [swaps]: `${head}/swapfile file 1020 0 -2\n`, "/swapfile": mebi },
      commands: { [probe]: isSwap },
    },
    wish: file,
    does: ["chmod /swapfile 600"],
  },
  "a file that others may read, and another priority": {
    given: {
      files: {
        [fstab]: "/swapfile none swap sw,pri=3 0 0\n",
        [swaps]: `${head}/swapfile file 1020 0 1\n`,
        "/swapfile": mebi,
      },
      commands: {
        [probe]: isSwap,
        "swapoff /swapfile": idle,
        "swapon -p 3 /swapfile": active("/swapfile", 3),
      },
    },
    wish: { ...file, priority: 3 },
    does: ["run swapoff /swapfile", "chmod /swapfile 600", "run swapon -p 3 /swapfile"],
    says: { mode: ["644", "600"], priority: ["1", "3"] },
  },
  "a line that is missing does not disturb what is in use": {
    given: {
      files: { [fstab]: "", [swaps]: `${head}/swapfile file 1020 0 -2\n`, "/swapfile": mebi },
      nodes: mode,
      commands: { [probe]: isSwap },
    },
    wish: file,
    does: [`write ${fstab}`],
  },
  "a device, by the name it has among volumes": {
    given: {
      files: { [fstab]: "/dev/vg0/swap none swap sw 0 0\n", [swaps]: head },
      nodes: { "/dev/vg0/swap": { kind: "symlink", target: "../dm-3" } },
      commands: { ...marking("/dev/vg0/swap"), "swapon /dev/vg0/swap": active("/dev/dm-3") },
    },
    wish: { device: "/dev/vg0/swap" },
    does: ["run mkswap /dev/vg0/swap", "run swapon /dev/vg0/swap"],
  },
  "does not overwrite what is something else": {
    given: {
      files: { [swaps]: head },
      commands: { "blkid -p -o export /dev/sdb": "TYPE=ext4\n" },
    },
    wish: { device: "/dev/sdb" },
    does: [],
    ends: "failed",
    because: "/dev/sdb holds ext4, which is not overwritten",
  },
  "nor a file of somebody's": {
    given: {
      files: { [swaps]: head, "/swapfile": mebi },
      nodes: mode,
      commands: { [probe]: nothing, [compare]: differs },
    },
    wish: file,
    does: [],
    ends: "failed",
    because: "/swapfile is a file of something else, which is left as it is",
  },
  "goes on with space that was reserved and not marked": {
    given: {
      files: { [fstab]: line, [swaps]: head, "/swapfile": mebi },
      nodes: mode,
      commands: {
        ...marking("/swapfile"),
        [compare]: "",
        "swapon /swapfile": active("/swapfile"),
      },
    },
    wish: file,
    does: ["run mkswap /swapfile", "run swapon /swapfile"],
  },
  "absent takes it out of use, out of fstab and away": {
    given: {
      files: {
        [fstab]: `${line}# end\n`,
        [swaps]: `${head}/swapfile file 1020 0 -2\n`,
        "/swapfile": mebi,
      },
      commands: { [probe]: isSwap, "swapoff /swapfile": idle },
    },
    wish: { path: "/swapfile", state: "absent" },
    does: [`write ${fstab}`, "run swapoff /swapfile", "remove /swapfile"],
    leaves: { [fstab]: "# end\n", "/swapfile": undefined },
  },
  "absent removes no file of somebody's": {
    given: {
      files: { [swaps]: head, "/swapfile": mebi },
      commands: { [probe]: nothing, [compare]: differs },
    },
    wish: { path: "/swapfile", state: "absent" },
    does: [],
    ends: "failed",
    because: "/swapfile is a file of something else",
  },
});

test("what is said about a wish that is none", () => {
  const says = (wish: object) =>
    swap.params.safeParse(wish).error?.issues.map(({ message }) => message);
  expect(says({ path: "/a" })).toEqual(["is required with path"]);
  expect(says({})).toEqual(["path or device is required"]);
  expect(says({ device: "/dev/a", size_mb: 4 })).toEqual(["a device has the size it has"]);
  expect(says({ path: "/a", device: "/dev/a", size_mb: 1 })).toContain(
    "path and device exclude one another",
  );
});

test("names with blanks", () => {
  expect(parseSwaps(`${head}/a\\040b file 1 0 -2\n`)).toEqual([{ path: "/a b", priority: -2 }]);
});
