import { expect, test } from "bun:test";
import fc from "fast-check";
import { cyclesIn } from "../../../src/core/policy/cycles.ts";

const find = (edges: Readonly<Record<string, readonly string[]>>) =>
  cyclesIn(Object.keys(edges), (node) => edges[node] ?? []);

test("a cycle is named in order, by itself", () => {
  expect(find({ a: ["b"], b: ["c"], c: ["b"] })).toEqual([["b", "c"]]);
  expect(find({ a: ["a"] })).toEqual([["a"]]);
  expect(find({ a: ["b"], b: ["a"], c: ["d"], d: ["c"] })).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});

test("a diamond is none", () => {
  expect(find({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] })).toEqual([]);
});

test("a chain of a hundred thousand is walked", () => {
  const last = 100_000;
  expect(cyclesIn([0], (node) => (node < last ? [node + 1] : []))).toEqual([]);
  expect(cyclesIn([0], (node) => [(node + 1) % last])[0]).toHaveLength(last);
});

test("it finds a cycle exactly where a node can reach itself", () => {
  const size = 7;
  const node = fc.integer({ min: 0, max: size - 1 });
  fc.assert(
    fc.property(fc.array(fc.tuple(node, node), { maxLength: 14 }), (pairs) => {
      const next = (from: number) => pairs.filter(([a]) => a === from).map(([, b]) => b);
      const reaches = (from: number, to: number, seen = new Set<number>()): boolean =>
        next(from).some((each) => {
          if (each === to) return true;
          return !seen.has(each) && reaches(each, to, seen.add(each));
        });
      const nodes = Array.from({ length: size }, (_, at) => at);
      const cycles = cyclesIn(nodes, next);
      expect(cycles.length > 0).toBe(nodes.some((each) => reaches(each, each)));
      for (const cycle of cycles)
        for (const [at, from] of cycle.entries())
          expect(next(from)).toContain(cycle[(at + 1) % cycle.length] ?? -1);
    }),
  );
});
