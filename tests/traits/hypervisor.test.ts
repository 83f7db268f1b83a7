import { expect, test } from "bun:test";
import { hypervisor } from "../../src/core/traits/hypervisor.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

// The table of machines is in virtualization.test.ts: both traits look at the same signs.
test("a machine that says nothing at all", async () => {
  expect(await collect(hypervisor, fakeHost().host)).toEqual({ kind: "none", role: "none" });
});
