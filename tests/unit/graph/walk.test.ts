import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Ending, type Skipped, type WalkNode, walk } from "../../../src/core/graph/walk.ts";

const row = (...nodes: WalkNode[]) => nodes;

describe("a walk", () => {
  test("starts what is independent together, as far as there is room", () => {
    const steps = walk(row({}, {}, {}), { concurrency: 2 });
    expect(steps.start()).toEqual([0, 1]);
    expect(steps.start()).toEqual([]);
    steps.end(1, "satisfied");
    expect(steps.start()).toEqual([2]);
  });

  test("runs one of a lane at a time, and others beside it", () => {
    const steps = walk(row({ lane: "package" }, { lane: "package" }, { lane: "systemd" }), {
      concurrency: 8,
    });
    expect(steps.start()).toEqual([0, 2]);
    steps.end(0, "satisfied");
    expect(steps.start()).toEqual([1]);
  });

  test("skips what needs a broken one, through others, and names it", () => {
    const steps = walk(row({}, { needs: [0] }, { needs: [1] }, {}), { concurrency: 8 });
    expect(steps.start()).toEqual([0, 3]);
    expect(steps.end(0, "broken")).toEqual([
      { index: 1, because: 0 },
      { index: 2, because: 0 },
    ]);
    steps.end(3, "satisfied");
    expect(steps.done).toBe(true);
  });

  test("a notified one waits for its notifier and does not need it", () => {
    const steps = walk(row({ notifies: [1] }, {}), { concurrency: 8 });
    expect(steps.start()).toEqual([0]);
    expect(steps.end(0, "broken")).toEqual([]);
    expect(steps.start()).toEqual([1]);
  });

  test("a skipped notifier lets go of its target too", () => {
    const steps = walk(row({}, { needs: [0], notifies: [2] }, {}), { concurrency: 1 });
    steps.start();
    expect(steps.end(0, "broken")).toEqual([{ index: 1, because: 0 }]);
    expect(steps.start()).toEqual([2]);
  });

  test("what has ended at once takes neither room nor a lane, and lets go of what waits for it", () => {
    const nodes = row({ lane: "a" }, { lane: "a" }, { needs: [0], lane: "a" }, { needs: [2] }, {});
    const asked: number[] = [];
    const steps = walk(nodes, {
      concurrency: 1,
      atOnce: (index) => {
        asked.push(index);
        return index !== 1 && index !== 3;
      },
    });
    expect(steps.start()).toEqual([1]);
    expect(steps.start()).toEqual([]);
    steps.end(1, "satisfied");
    expect(steps.start()).toEqual([3]);
    steps.end(3, "satisfied");
    expect(steps.start()).toEqual([]);
    expect(steps.done).toBe(true);
    expect(asked.toSorted()).toEqual([0, 1, 2, 3, 4]);
  });

  test("where all has ended at once, nothing is left after the first look", () => {
    const chain = Array.from({ length: 20_000 }, (_, i): WalkNode => ({ needs: i ? [i - 1] : [] }));
    const steps = walk(chain, { concurrency: 1, atOnce: () => true });
    expect(steps.start()).toEqual([]);
    expect(steps.done).toBe(true);
  });

  test("a chain of 20,000 that breaks at its head does not overflow", () => {
    const chain = Array.from({ length: 20_000 }, (_, i): WalkNode => ({ needs: i ? [i - 1] : [] }));
    const steps = walk(chain, { concurrency: 1 });
    steps.start();
    expect(steps.end(0, "broken")).toHaveLength(19_999);
    expect(steps.done).toBe(true);
  });
});

/** Any graph whose edges point onwards, with lanes; and which of its nodes break. */
const graphs = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(30), { maxLength: 3 }),
      notifies: fc.array(fc.nat(30), { maxLength: 2 }),
      lane: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
      ending: fc.constantFrom<Ending>("satisfied", "satisfied", "broken"),
      pick: fc.nat(),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((nodes) =>
    nodes.map((node, index) => ({
      ...node,
      needs: [...new Set(node.needs.filter((need) => need < index))],
      notifies: [...new Set(node.notifies.filter((to) => to > index && to < nodes.length))],
    })),
  );

/** Plays a walk to its end, ending a random running node each time; checks the rules on the way. */
function play(nodes: readonly Drawn[], room: number) {
  const steps = walk(nodes, { concurrency: room });
  const running: number[] = [];
  const ended = new Set<number>();
  const skipped: Skipped[] = [];
  for (let turn = 0; !steps.done; turn++) {
    for (const index of steps.start()) {
      expect(waitsFor(nodes, index).every((before) => ended.has(before))).toBe(true);
      running.push(index);
    }
    expect(running.length).toBeLessThanOrEqual(room);
    const lanes = running.flatMap((index) => nodes[index]?.lane ?? []);
    expect(new Set(lanes).size).toBe(lanes.length);
    expect(running.length).toBeGreaterThan(0);
    const [index = 0] = running.splice((nodes[turn % nodes.length]?.pick ?? 0) % running.length, 1);
    ended.add(index);
    for (const one of steps.end(index, nodes[index]?.ending ?? "satisfied")) {
      skipped.push(one);
      ended.add(one.index);
    }
  }
  return {
    ran: [...ended].filter((index) => !skipped.some((one) => one.index === index)),
    skipped,
  };
}

type Drawn = WalkNode & { readonly ending: Ending; readonly pick: number };

const waitsFor = (nodes: readonly WalkNode[], index: number): readonly number[] => [
  ...(nodes[index]?.needs ?? []),
  ...nodes.flatMap(({ notifies = [] }, from) => (notifies.includes(index) ? [from] : [])),
];

test("any graph ends; exactly the descendants of broken nodes that ran are skipped", () => {
  fc.assert(
    fc.property(graphs, fc.integer({ min: 1, max: 4 }), (nodes, room) => {
      const { ran, skipped } = play(nodes, room);
      const lost = new Set<number>();
      for (const [index, { needs }] of nodes.entries())
        if (needs.some((need) => lost.has(need) || nodes[need]?.ending === "broken"))
          lost.add(index);
      expect(skipped.map(({ index }) => index).sort((a, b) => a - b)).toEqual([...lost]);
      expect(ran.length + skipped.length).toBe(nodes.length);
      for (const { because } of skipped) expect(nodes[because]?.ending).toBe("broken");
    }),
  );
});
