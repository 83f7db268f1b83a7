/** A machine that restarts because it was told to, with its own boot loader, and comes back to an agent that asks no more. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { applying } from "../lab/applying.ts";

import { proven } from "../lab/proof.ts";
import { builtVigo } from "../lab/vigo.ts";
import { noVm, Vm } from "./vm.ts";

const why = noVm();

describe.skipIf(why !== undefined)("a reboot", () => {
  let vm: Vm;
  beforeAll(async () => {
    vm = await Vm.start(builtVigo());
  }, 1_800_000);
  afterAll(() => vm?.end());

  test("happens once, for an update that waits for it", async () => {
    const apply = applying(vm);
    const wish = ["{ name: restart, type: reboot, when_pending: true, message: An update }"];
    const outcome = async () => (await apply("restart", wish)).outcome;
    expect(await outcome()).toBe("ok");
    // On a disk, so that it is there after the boot too and must be known for old.
    await vm.sh("touch /run/reboot-required; touch /var/lib/reboot-required");
    await vm.reboot(async () => {
      expect(await outcome()).toBe("changed");
      expect(await outcome()).toBe("ok");
    });
    expect(await vm.exists("/run/reboot-required")).toBe(false);
    const old =
      "{ name: old, type: reboot, when_pending: true, reboot_required_file: /var/lib/reboot-required }";
    expect([await outcome(), (await apply("old", [old])).outcome]).toEqual(["ok", "ok"]);
    expect(await vm.exists("/run/systemd/shutdown/scheduled")).toBe(false);
    proven(vm, "reboot");
  }, 900_000);
});
