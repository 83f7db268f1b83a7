/** The virtual machine that tests stand on: it has a kernel of its own, forgets what was done to it, and leaves nothing behind. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { builtVigo } from "../lab/vigo.ts";
import { noVm, Vm } from "./vm.ts";

const why = noVm();
const mine = `vigo-vm-${process.pid}-`;
/** Folders of this process, and programs that know them. */
const traces = () => [
  ...readdirSync(tmpdir()).filter((name) => name.startsWith(mine)),
  ...readdirSync("/proc").filter((pid) => {
    const path = `/proc/${pid}/cmdline`;
    return /^\d+$/.test(pid) && existsSync(path) && readFileSync(path, "utf8").includes(mine);
  }),
];

describe.skipIf(why !== undefined)("a virtual machine", () => {
  test("is another machine, and a fresh one each time", async () => {
    const outer = (await Bun.file("/proc/sys/kernel/osrelease").text()).trim();
    for (const round of [1, 2]) {
      const vm = await Vm.start(builtVigo());
      try {
        expect(traces().length).toBeGreaterThan(1);
        expect((await vm.ok(["uname", "-r"])).trim()).not.toBe(outer);
        expect(await vm.exists("/etc/was-here"), `round ${round}`).toBe(false);
        await vm.put("/etc/was-here", "yes");
        expect(await vm.run(["sh", "-c", "cat; echo no >&2; exit 3"], { stdin: "in" })).toEqual({
          code: 3,
          stdout: "in",
          stderr: "no\n",
        });
        expect(await vm.ok(["id", "-un"], { user: "games" })).toBe("games\n");
        expect(await vm.ok(["/opt/vigo/vigo", "--version"])).toStartWith("vigo ");
      } finally {
        vm.end();
      }
    }
    expect(traces()).toEqual([]);
  }, 1_800_000);
});
