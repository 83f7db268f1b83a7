/** Resource types whose truth is in a kernel, on a virtual machine with one of its own. */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { type Life, liveThrough } from "../lab/life.ts";
import { builtVigo } from "../lab/vigo.ts";
import { noVm, Vm } from "./vm.ts";

const lives: Readonly<Record<string, Life>> = {
  "sysctl, outside of the network": {
    wish: [
      "{ name: swap, type: sysctl, key: vm.swappiness, value: 33 }",
      "{ name: dump, type: sysctl, key: kernel.core_pattern, value: /tmp/core.%p }",
      "{ name: now, type: sysctl, key: kernel.panic, value: 30, persist: false }",
    ],
    ask: "sysctl -n vm.swappiness kernel.core_pattern kernel.panic; cat /etc/sysctl.d/99-vm* /etc/sysctl.d/99-kernel*",
    stands: "33\n/tmp/core.%p\n30\nvm.swappiness = 33\nkernel.core_pattern = /tmp/core.%p\n",
    harm: "sysctl -q -w vm.swappiness=60 kernel.panic=0; rm /etc/sysctl.d/99-kernel.core_pattern.conf",
    found: ["swap", "dump", "now"],
    away: [
      "{ name: swap, type: sysctl, key: vm.swappiness, state: absent }",
      "{ name: dump, type: sysctl, key: kernel.core_pattern, state: absent }",
    ],
    gone: "ls /etc/sysctl.d | grep ^99-vm; ls /etc/sysctl.d | grep ^99-kernel",
  },
};

const why = noVm();

describe.skipIf(why !== undefined)("on a kernel of its own", () => {
  let vm: Vm;
  beforeAll(async () => {
    vm = await Vm.start(builtVigo());
  }, 1_800_000);
  afterAll(() => vm?.end());

  for (const [name, life] of Object.entries(lives))
    test(name, () => liveThrough(vm, name, life), 600_000);
});
