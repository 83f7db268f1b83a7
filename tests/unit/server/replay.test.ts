import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ReplayWindow } from "../../../src/modes/server/envoys/replay.ts";

const window = (...taken: readonly bigint[]) => {
  const made = new ReplayWindow();
  for (const sequence of taken) made.take(sequence);
  return made;
};

describe("replay window", () => {
  test.each([
    ["the first, whatever it is", [], 0n, true],
    ["one above", [10n], 11n, true],
    ["the same", [10n], 10n, false],
    ["one late", [10n], 9n, true],
    ["one late, twice", [10n, 9n], 9n, false],
    ["the last of the window", [2_000n], 2_000n - 1_023n, true],
    ["below the window", [2_000n], 2_000n - 1_024n, false],
    ["one taken before a jump within the window", [10n, 500n], 10n, false],
    ["one not taken before a jump within the window", [10n, 500n], 11n, true],
    ["one passed by a far jump", [10n, 5_000n], 11n, false],
    ["the largest there is", [10n], 2n ** 64n - 1n, true],
  ] as const)("%s", (_, taken, sequence, expected) => {
    expect(window(...taken).take(sequence)).toBe(expected);
  });

  test("never takes a number twice, and takes every new one near the highest", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 3_000n), { maxLength: 200 }), (sequences) => {
        const made = new ReplayWindow();
        const taken = new Set<bigint>();
        for (const sequence of sequences) {
          const highest = made.highest ?? -1n;
          const fresh = !taken.has(sequence) && (taken.size === 0 || sequence > highest - 1_024n);
          expect(made.take(sequence)).toBe(fresh);
          if (fresh) taken.add(sequence);
        }
      }),
    );
  });
});
