/** A section that has not changed is told as it was, until there is more to hide. */
import { expect, test } from "bun:test";
import { Redactor } from "../../../src/core/redact.ts";
import { HiddenTraits } from "../../../src/modes/agent/hidden-traits.ts";

const section = (value: string, hash: string, collectedAt: number) => ({
  ...{ name: "custom", value: { note: value }, hash, collectedAt },
  ...{ stale: false, bootId: "", cycles: 0 },
});

test("what was told before a secret was known is looked at again once it is", () => {
  const redactor = new Redactor();
  const hidden = new HiddenTraits(redactor, () => false);
  redactor.learn("something else");
  const told = (at: number) => JSON.stringify(hidden.told(section("a hunter22 b", "h", at)));
  expect([told(1), told(2)].map((text) => text.includes("hunter22"))).toEqual([true, true]);
  redactor.learn("hunter22");
  expect([told(3), told(4)].map((text) => text.includes("hunter22"))).toEqual([false, false]);
  expect(hidden.told(section("a hunter22 b", "h", 5))?.collectedAt).toBe(5);
});
