import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import { type Order, order } from "../../../src/core/graph/order.ts";
import { text, parameters } from "../../../src/core/params.ts";
import { defineResource } from "../../../src/core/resource.ts";
import { resolved, type Wish } from "../../support/resolved.ts";

/** Owns a path, follows the one above; without a path it is nothing in particular. */
const thing = defineResource({
  name: "thing",
  summary: "A thing.",
  platforms: ["linux"],
  params: parameters({
    path: text("Where.").exactOptional(),
    part: text("What of it.").exactOptional(),
    state: z.enum(["present", "absent", "done"]).default("present"),
  }),
  isAction: (p) => p.state === "done",
  claims: (p) =>
    p.path === undefined
      ? []
      : [{ id: `file:${p.path}`, ...(p.part === undefined ? {} : { part: p.part }) }],
  after: (p) => (p.path === undefined ? [] : [`file:${p.path.replace(/\/[^/]*$/, "")}`]),
  check: async () => [],
  apply: async () => {},
  refresh: async () => {},
  examples: [],
});
const registries = { resources: [thing], traits: [] };
const put = (wishes: Readonly<Record<string, Wish>>) => order(resolved(wishes), registries);

const keys = (found: Order) =>
  found.kind === "ordered" ? found.resources.map(({ resource }) => resource.key) : found.problems;
const edges = (found: Order) =>
  found.kind === "ordered"
    ? found.resources.map(({ needs, notifies }) => [needs, notifies])
    : found.problems;
const first = (found: Order) =>
  found.kind === "ordered"
    ? undefined
    : found.problems.map(({ code, line, message, hint }) => ({ code, line, message, hint }));

describe("the order", () => {
  test("is that of inclusion where nothing else is said", () => {
    expect(keys(put({ c: {}, a: {}, b: {} }))).toEqual(["c", "a", "b"]);
  });

  test("puts needs first, and notifiers before their targets", () => {
    const found = put({ reload: {}, site: { needs: ["nginx"], notifies: ["reload"] }, nginx: {} });
    expect(keys(found)).toEqual(["nginx", "site", "reload"]);
    expect(edges(found)).toEqual([
      [[], []],
      [[0], [2]],
      [[], []],
    ]);
  });

  test("keeps an edge that was written twice once", () => {
    expect(edges(put({ a: {}, b: { needs: ["a", "a"] } }))[1]).toEqual([[0], []]);
  });
});

describe("automatic edges", () => {
  const file = (path: string, more: Wish = {}): Wish => ({
    ...more,
    params: { path, ...more.params },
  });

  test("a file comes after its directory", () => {
    const found = put({ file: file("/etc/x/y"), dir: file("/etc/x") });
    expect(keys(found)).toEqual(["dir", "file"]);
    expect(edges(found)[1]).toEqual([[0], []]);
  });

  test("what is to be absent goes after what is in it", () => {
    const absent = { params: { state: "absent" } };
    const found = put({ dir: file("/etc/x", absent), file: file("/etc/x/y", absent) });
    expect(keys(found)).toEqual(["file", "dir"]);
  });

  test("give way to what was written, directly and through others", () => {
    expect(keys(put({ file: file("/x/y"), dir: file("/x", { needs: ["file"] }) }))).toEqual([
      "file",
      "dir",
    ]);
    const through = put({
      file: file("/x/y"),
      m: { needs: ["file"] },
      dir: file("/x", { needs: ["m"] }),
    });
    expect(keys(through)).toEqual(["file", "m", "dir"]);
  });

  test("a cycle that needs them says so", () => {
    const found = put({
      "a/dir": file("/a", { needs: ["b/file"] }),
      "a/file": file("/a/f"),
      "b/dir": file("/b", { needs: ["a/file"] }),
      "b/file": file("/b/f"),
    });
    expect(first(found)).toEqual([
      {
        code: "VG601",
        line: 1,
        message: "each waits for the one before it: a/dir → a/file → b/dir → b/file → a/dir",
        hint: "a/file follows a/dir by itself; b/dir depends on a/file (a.vgo:3); b/file follows b/dir by itself; a/dir depends on b/file (a.vgo:1)",
      },
    ]);
  });
});

describe("cycles", () => {
  test("are printed whole, with the place of each edge", () => {
    const found = put({ a: { needs: ["c"] }, b: { needs: ["a"] }, c: {}, d: { needs: ["b"] } });
    expect(found.kind).toBe("ordered");
    expect(first(put({ a: { needs: ["c"] }, b: { needs: ["a"] }, c: { needs: ["b"] } }))).toEqual([
      {
        code: "VG601",
        line: 2,
        message: "each waits for the one before it: a → b → c → a",
        hint: "b depends on a (a.vgo:2); c depends on b (a.vgo:3); a depends on c (a.vgo:1)",
      },
    ]);
  });

  test("of one with itself, and through a notification", () => {
    expect(first(put({ a: { needs: ["a"] } }))?.[0]?.message).toEndWith("a → a");
    expect(first(put({ a: { notifies: ["b"] }, b: { notifies: ["a"] } }))?.[0]?.hint).toBe(
      "a notifies b (a.vgo:1); b notifies a (a.vgo:2)",
    );
  });
});

describe("two owners", () => {
  const own = (path: string, more: Readonly<Record<string, string>> = {}): Wish => ({
    params: { path, ...more },
  });

  test("of one whole clash, and both places are named", () => {
    expect(first(put({ "a/x": own("/m"), "b/y": own("/m") }))).toEqual([
      {
        code: "VG602",
        line: 2,
        message: "b/y and a/x (a.vgo:1) both own file:/m",
        hint: "keep one of them, or make each responsible for another part",
      },
    ]);
  });

  test.each([
    ["a whole and its part", [own("/m"), own("/m", { part: "p" })], 1],
    ["a part and then the whole", [own("/m", { part: "p" }), own("/m")], 1],
    ["one part twice", [own("/m", { part: "p" }), own("/m", { part: "p" })], 1],
    ["different parts", [own("/m", { part: "p" }), own("/m", { part: "q" })], 0],
    ["present and absent", [own("/m"), own("/m", { state: "absent" })], 1],
    ["three of a kind", [own("/m"), own("/m"), own("/m")], 2],
    ["an action, which owns nothing", [own("/m"), own("/m", { state: "done" })], 0],
    ["noop, which owns nothing", [own("/m"), { ...own("/m"), noop: true as const }], 0],
  ])("%s", (_, wishes, count) => {
    const found = put(Object.fromEntries(wishes.map((wish, index) => [`r${index}`, wish])));
    expect(first(found)?.length ?? 0).toBe(count);
  });
});

/** Edges between any two of a few nodes: cycles are likely. */
const drawn = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    needs: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 14 }),
    notifies: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 6 }),
  }),
);

type Pair = readonly [from: number, to: number];
const wishesOf = (size: number, needs: readonly Pair[], notifies: readonly Pair[]) =>
  Object.fromEntries(
    Array.from({ length: size }, (_, index): [string, Wish] => [
      `n${index}`,
      {
        needs: needs.filter(([, to]) => to === index).map(([from]) => `n${from}`),
        notifies: notifies.filter(([from]) => from === index).map(([, to]) => `n${to}`),
      },
    ]),
  );

/** The length of the shortest way from a node back to itself, by brute force. */
function girth(size: number, pairs: readonly Pair[]): number {
  let reach = pairs;
  for (let length = 1; length <= size; length++) {
    if (reach.some(([from, to]) => from === to)) return length;
    const longer = reach.flatMap(([from, via]) =>
      pairs.filter(([start]) => start === via).map(([, to]): Pair => [from, to]),
    );
    reach = [...new Map(longer.map((pair) => [pair.join(), pair])).values()];
  }
  return Number.POSITIVE_INFINITY;
}

test("respects every edge; or finds a cycle, as short as there is one", () => {
  fc.assert(
    fc.property(drawn, ({ size, needs, notifies }) => {
      const found = put(wishesOf(size, needs, notifies));
      const pairs = [...needs, ...notifies];
      const shortest = girth(size, pairs);
      if (found.kind === "ordered") {
        const at = new Map(found.resources.map(({ resource }, index) => [resource.key, index]));
        for (const [from, to] of pairs)
          expect(at.get(`n${from}`) ?? 0).toBeLessThan(at.get(`n${to}`) ?? 0);
        expect(shortest).toBe(Number.POSITIVE_INFINITY);
        return;
      }
      const cycles = found.problems.map(({ message }) => message.replace(/.*: /, "").split(" → "));
      for (const cycle of cycles)
        for (const [index, key] of cycle.slice(1).entries())
          expect(pairs.some(([from, to]) => cycle[index] === `n${from}` && key === `n${to}`)).toBe(
            true,
          );
      expect(Math.min(...cycles.map((cycle) => cycle.length - 1))).toBe(shortest);
    }),
  );
});

test("keeps to the order of inclusion: no two neighbours could be swapped towards it", () => {
  fc.assert(
    fc.property(drawn, ({ size, needs }) => {
      const onward = needs
        .filter(([from, to]) => from !== to)
        .map(([a, b]): Pair => [Math.min(a, b), Math.max(a, b)]);
      expect(keys(put(wishesOf(size, onward, [])))).toEqual(
        Array.from({ length: size }, (_, i) => `n${i}`),
      );
    }),
  );
});
