import { expect, test } from "bun:test";
import { lazyUnit } from "../../src/core/lazy-unit.ts";

test("a unit is loaded once, and not for its name", () => {
  let loads = 0;
  const load = () => {
    loads += 1;
    return Object.freeze({ name: "file", lane: "a", check: () => 7 });
  };
  const unit: { readonly name: string; readonly lane?: string; check(): number } = lazyUnit(
    "file",
    load,
  );
  expect([unit.name, loads]).toEqual(["file", 0]);
  expect([unit.lane, unit.check(), loads]).toEqual(["a", 7, 1]);
  expect({ ...unit, lane: "b" }).toMatchObject({ name: "file", lane: "b" });
  expect(["lane" in unit, "apply" in unit, Object.keys(unit)]).toEqual([
    true,
    false,
    ["name", "lane", "check"],
  ]);
  expect(() => Object.assign(unit, { lane: "c" })).toThrow(TypeError);
  expect(loads).toBe(1);
});
