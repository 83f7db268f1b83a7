/** Resource types whose truth is in a kernel, on a virtual machine with one of its own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { applying } from "../lab/applying.ts";
import { liveThrough } from "../lab/life.ts";
import { builtVigo } from "../lab/vigo.ts";
import { kernel } from "./lives/kernel.ts";
import { noVm, tooSlow, Vm } from "./vm.ts";

/** Making the boot menu anew is the work of many small programs. */
const slow = ["kernel_parameter"];

const why = noVm();

describe.skipIf(why !== undefined)("on a kernel of its own", () => {
  let vm: Vm;
  beforeAll(async () => {
    vm = await Vm.start(builtVigo());
  }, 1_800_000);
  afterAll(() => vm?.end());

  for (const [name, life] of Object.entries(kernel))
    test.skipIf(tooSlow() !== undefined && slow.includes(name))(
      name,
      () => liveThrough(vm, name, life),
      1_800_000,
    );

  test.skipIf(tooSlow() !== undefined)(
    "entries that are files of their own are made anew",
    async () => {
      // As for systemd-boot: nobody asks what boots in the end, but what kernel-install(8) of systemd 252 has made.
      await vm.sh(
        "mv /etc/default/grub /root/grub; mkdir -p /boot/$(cat /etc/machine-id) /boot/loader/entries; echo 'root=LABEL=root ro' >/etc/kernel/cmdline",
      );
      const wish = ["{ name: ours, type: kernel_parameter, parameter: vigo.test, value: 7 }"];
      const outcomes = [await applying(vm)("entries", wish), await applying(vm)("entries", wish)];
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(["changed", "ok"]);
      expect(await vm.sh("grep -h ^options /boot/loader/entries/*.conf")).toMatch(
        /^options +root=LABEL=root ro vigo\.test=7 systemd\.machine_id=\w+\n$/,
      );
      await vm.sh("mv /root/grub /etc/default/grub; rm -r /etc/kernel/cmdline /boot/loader");
    },
    900_000,
  );

  test("what cannot be done says why, and what to do", async () => {
    const report = await applying(vm)("wrong", [
      "{ name: none, type: kernel_module, module: no-such-module }",
      "{ name: built, type: kernel_module, module: ext4, state: unloaded }",
      "{ name: profile, type: apparmor, profile: opt.bad, content: 'this is none' }",
      "{ name: missing, type: apparmor, profile: opt.none }",
      "{ name: rule, type: audit_rule, audit_rule: 99-bad, rules: ['-w relative -p wa'] }",
    ]);
    expect(report.resources.map(({ outcome, reason = "" }) => `${outcome}: ${reason}`)).toEqual([
      expect.stringMatching(/^failed: modprobe no-such-module: .*not found/),
      expect.stringMatching(/^failed: ext4 is built into this kernel/),
      expect.stringMatching(/^failed: .*opt\.bad.* left as it is: .*syntax error/s),
      expect.stringMatching(/^failed: there is no profile \/etc\/apparmor\.d\/opt\.none/),
      expect.stringMatching(/^failed: augenrules: /),
    ]);
    await vm.sh("rm /etc/audit/rules.d/99-bad.rules /etc/modules-load.d/vigo-no-such-module.conf");
  }, 900_000);
});
