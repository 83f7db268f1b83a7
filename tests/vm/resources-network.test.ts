/** VLANs, bonds, leases and the clock, on a virtual machine: no host of the lab has a kernel that makes them. */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { liveThrough } from "../lab/life.ts";
import { builtVigo } from "../lab/vigo.ts";
import { network, networkBefore } from "./lives/network.ts";
import { noVm, Vm } from "./vm.ts";

describe.skipIf(noVm() !== undefined)("on a network of its own", () => {
  let vm: Vm;
  beforeAll(async () => {
    vm = await Vm.start(builtVigo());
    await vm.sh(networkBefore);
  }, 1_800_000);
  afterAll(() => vm?.end());

  for (const [name, life] of Object.entries(network))
    test(name, () => liveThrough(vm, name, life), 1_800_000);
});
