import { expect, test } from "bun:test";
import fc from "fast-check";
import { VigoError } from "../../../src/core/errors.ts";
import { reconnectMs } from "../../../src/modes/agent/tasks/reconnect.ts";

const broken = new VigoError("unavailable", "broken");

test("grows with each failure, to a minute", () => {
  const pauses = [0, 1, 2, 3, 7, 50].map((failures) => reconnectMs(broken, failures, 500, 1));
  expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 60_000, 60_000]);
});

test("who was refused asks again after minutes", () => {
  expect(reconnectMs(new VigoError("denied", "revoked"), 1, 500, 0)).toBe(150_000);
});

test("a thousand that were cut at once come back over half of the time, evenly", () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let n = 0; n < 1_000; n++) {
    const ms = reconnectMs(broken, 3, 500, Math.random());
    const at = Math.min(9, Math.floor(((ms - 2_000) / 2_000) * 10));
    tenths[at] = (tenths[at] ?? 0) + 1;
  }
  for (const count of tenths) expect(count).toBeGreaterThan(50);
});

test("never less than half, never more than all of it", () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.nat(100), fc.integer({ min: 1, max: 5_000 }), random, (failures, least, r) => {
      const ms = reconnectMs(broken, failures, least, r);
      const most = Math.min(60_000, least * 2 ** Math.min(failures, 10));
      expect(ms).toBeGreaterThanOrEqual(Math.floor(most / 2));
      expect(ms).toBeLessThanOrEqual(Math.ceil(most));
    }),
  );
});
