import { expect, test } from "bun:test";
import { kernelModule } from "../../src/core/resources/kernel_module.ts";
import { sameValue } from "../../src/core/tools/kernel-module.ts";
import { cases } from "../support/cases.ts";
import { edits } from "../support/fake-host.ts";

const modules = "/proc/modules";
const row = (name: string) => `${name} 16384 0 - Live 0x0000000000000000\n`;
const others = row("ext4_not") + row("br_netfilter_x");
const boot = "/etc/modules-load.d/vigo-br-netfilter.conf";
const conf = "/etc/modprobe.d/vigo-br-netfilter.conf";
const module = "br-netfilter";
const comes = (name: string) => edits(modules, (text) => text + row(name));
const goes = (name: string) => edits(modules, (text) => text.replace(row(name), ""));

cases(kernelModule, {
  "loads it now and at boot": {
    given: {
      files: { [modules]: others },
      commands: { [`modprobe ${module}`]: comes("br_netfilter") },
    },
    wish: { module },
    does: [`write ${boot}`, `run modprobe ${module}`],
    leaves: { [boot]: "br-netfilter\n", [conf]: undefined },
    says: {
      "at boot": [undefined, "13 bytes, sha256 bee836f84721"],
      running: ["unloaded", "loaded"],
    },
  },
  "leaves a right machine alone": {
    given: { files: { [modules]: row("br_netfilter"), [boot]: "br-netfilter\n" } },
    wish: { module },
    does: [],
  },
  "what is built in is loaded": {
    given: { files: { [modules]: "", "/sys/module/ext4/parameters/x": "1\n" } },
    wish: { module: "ext4", persist: false },
    does: [],
  },
  "also where only the kernel's own list tells": {
    given: {
      files: {
        [modules]: "",
        "/proc/sys/kernel/osrelease": "6.1.0\n",
        "/lib/modules/6.1.0/modules.builtin": "kernel/fs/ext4/ext4.ko\nkernel/net/a-b.ko\n",
      },
    },
    wish: { module: "a_b", persist: false },
    does: [],
  },
  "and cannot be unloaded": {
    given: { files: { [modules]: "", "/sys/module/ext4/parameters/x": "1\n" } },
    wish: { module: "ext4", state: "unloaded" },
    does: [],
    ends: "failed",
    because: "ext4 is built into this kernel",
  },
  "with parameters": {
    given: {
      files: { [modules]: "" },
      commands: {
        "modprobe loop max_loop=4 max_part=2": (files) => {
          files.set("/sys/module/loop/parameters/max_loop", "4\n");
          files.set(modules, row("loop"));
          return "";
        },
      },
    },
    wish: { module: "loop", parameters: { max_loop: 4, max_part: "2" } },
    does: [
      "write /etc/modprobe.d/vigo-loop.conf",
      "write /etc/modules-load.d/vigo-loop.conf",
      "run modprobe loop max_loop=4 max_part=2",
    ],
    leaves: { "/etc/modprobe.d/vigo-loop.conf": "options loop max_loop=4 max_part=2\n" },
  },
  "loads it anew where a parameter differs": {
    given: {
      files: { [modules]: row("loop"), "/sys/module/loop/parameters/max_loop": "8\n" },
      commands: {
        "modprobe -r loop": goes("loop"),
        "modprobe loop max_loop=0x4": (files) => {
          files.set("/sys/module/loop/parameters/max_loop", "4\n");
          files.set(modules, row("loop"));
          return "";
        },
      },
    },
    wish: { module: "loop", parameters: { max_loop: "0x4" }, persist: false },
    does: ["run modprobe -r loop", "run modprobe loop max_loop=0x4"],
    says: { "parameters.max_loop": ["8", "0x4"] },
  },
  "truth has many spellings": {
    given: { files: { [modules]: row("kvm"), "/sys/module/kvm/parameters/ignore_msrs": "Y\n" } },
    wish: { module: "kvm", parameters: { ignore_msrs: "1" }, persist: false },
    does: [],
  },
  "unloads it, and forgets it": {
    given: {
      files: { [modules]: row("br_netfilter"), [boot]: "br-netfilter\n", [conf]: "options x\n" },
      commands: { [`modprobe -r ${module}`]: goes("br_netfilter") },
    },
    wish: { module, state: "unloaded" },
    does: [`remove ${conf}`, `remove ${boot}`, `run modprobe -r ${module}`],
  },
  "keeps it out, first on the disk": {
    given: {
      files: { [modules]: row("br_netfilter") },
      commands: { [`modprobe -r ${module}`]: goes("br_netfilter") },
    },
    wish: { module, state: "blacklisted" },
    does: [`write ${conf}`, `run modprobe -r ${module}`],
    leaves: { [conf]: "blacklist br-netfilter\ninstall br-netfilter /bin/false\n" },
  },
  "says what the tool said": {
    given: {
      files: { [modules]: row("br_netfilter") },
      commands: {
        [`modprobe -r ${module}`]: { code: 1, stdout: "", stderr: "FATAL: Module is in use." },
      },
    },
    wish: { module, state: "unloaded" },
    does: [`run modprobe -r ${module}`],
    ends: "failed",
    because: "stop what uses it, or reboot",
  },
});

test.each([
  ["Y", "on", true],
  ["Y", "yes", true],
  ["Y", "true", true],
  ["Y", "1", true],
  ["N", "off", true],
  ["N", "no", true],
  ["N", "on", false],
  ["Y", "0", false],
  ["1", "Y", true],
  ["0", "Y", false],
  ["1", "10", false],
  ["1", "1", true],
  ["420", "0644", true],
  ["18446744073709551615", "0xffffffffffffffff", true],
  ["18446744073709551614", "0xffffffffffffffff", false],
  ["0644", "0644", true],
  ["none", "None", false],
])("the kernel tells %j: is that %j?", (is, wanted, same) => {
  expect(sameValue(is, wanted)).toBe(same);
});
