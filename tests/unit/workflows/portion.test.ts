import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { batchesFor, countOf, isPortion } from "../../../src/core/workflows/portion.ts";

test.each([
  ["10", true],
  ["5%", true],
  ["0.5%", true],
  ["100%", true],
  ["101%", false],
  ["-1", false],
  ["ten", false],
  ["", false],
])("%s is a count or a part: %p", (written, wanted) => expect(isPortion(written)).toBe(wanted));

test.each([
  ["1", 10, 1, 1],
  ["10%", 25, 3, 2],
  ["100%", 7, 7, 7],
  ["50", 7, 7, 7],
  ["0", 7, 0, 0],
] as const)("%s of %i is %i, or %i", (written, all, up, down) =>
  expect([countOf(written, all, "up"), countOf(written, all, "down")]).toEqual([up, down]),
);

describe("batches", () => {
  test.each([
    [["1", "10%", "100%"], 20, [1, 1, 18]],
    [["1", "10%", "100%"], 3, [1, 2]],
    [["100%"], 3, [3]],
    [["2", "1", "100%"], 4, [2, 2]],
    [["10%", "50%", "100%"], 1, [1]],
    [["1"], 0, []],
  ] as const)("%p of %i machines have %p", (sizes, all, wanted) => {
    const places = batchesFor(sizes, all);
    const counts = [...new Set(places)].map(
      (batch) => places.filter((one) => one === batch).length,
    );
    expect(counts).toEqual([...wanted]);
  });

  test("have everyone once, in order, and none is empty", () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 50 }).map(String),
      fc.integer({ min: 1, max: 100 }).map((part) => `${part}%`),
    );
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 6 }), fc.nat(60), (sizes, all) => {
        const places = batchesFor(sizes, all);
        expect(places.length).toBe(all);
        const last = places.at(-1) ?? -1;
        expect([...new Set(places)]).toEqual(Array.from({ length: last + 1 }, (_, at) => at));
      }),
    );
  });
});
