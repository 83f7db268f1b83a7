import { expect, test } from "bun:test";
import fc from "fast-check";
import { inPercent } from "../../../src/core/policy/when/percent.ts";
import vectors from "../../vectors/in-percent.json";

test("as the published vectors say", () => {
  for (const { envoy, salt, inside } of vectors.vectors)
    for (const [percent, expected] of Object.entries(inside))
      expect([envoy, salt, percent, inPercent(Number(percent), salt, envoy)]).toEqual([
        envoy,
        salt,
        percent,
        expected,
      ]);
});

test("who is inside a part is inside every greater one", () => {
  const percent = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(percent, percent, fc.uuid(), fc.string(), (a, b, envoy, salt) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      if (inPercent(less, salt, envoy)) expect(inPercent(more, salt, envoy)).toBe(true);
    }),
  );
});

test("a fifth of the fleet is about a fifth of it", () => {
  const ids = Array.from({ length: 5000 }, (_, index) => `envoy-${index}`);
  const inside = ids.filter((id) => inPercent(20, "canary", id)).length;
  expect(inside).toBeGreaterThan(900);
  expect(inside).toBeLessThan(1100);
});
