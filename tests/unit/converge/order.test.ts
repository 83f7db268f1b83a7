/** Any graph, any lanes, any outcomes: who starts when. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { BodyResource } from "../../../src/core/bundle/body.ts";
import { runBody } from "../../../src/core/converge/run.ts";
import { flag, parameters, text } from "../../../src/core/params.ts";
import {
  type AnyResourceType,
  Blocked,
  defineResource,
  differing,
} from "../../../src/core/resource.ts";
import { fakeHost } from "../../support/fake-host.ts";
import { memoryRecords, memoryReversals } from "../../support/memory-records.ts";

interface Node {
  readonly needs: readonly number[];
  readonly notifies: readonly number[];
  readonly lane: boolean;
  readonly breaks: boolean;
  /** It is as it should be already. */
  readonly steady: boolean;
}

/** Edges from any to any, turned so that they point the right way. */
const graph = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc.record({
    edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.boolean()), { maxLength: 24 }),
    lanes: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
    breaks: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: size, maxLength: size }),
    concurrency: fc.integer({ min: 1, max: 5 }),
  }),
);

interface Drawn {
  readonly edges: readonly (readonly [number, number, boolean])[];
  readonly lanes: readonly boolean[];
  readonly breaks: readonly number[];
}

const nodesOf = ({ edges, lanes, breaks }: Drawn): readonly Node[] =>
  lanes.map((lane, index) => ({
    lane,
    breaks: breaks[index] === 0,
    steady: (breaks[index] ?? 0) > 3,
    needs: edges.flatMap(([a, b, need]) =>
      need && Math.max(a, b) === index && a !== b ? [Math.min(a, b)] : [],
    ),
    notifies: edges.flatMap(([a, b, need]) =>
      !need && Math.min(a, b) === index && a !== b ? [Math.max(a, b)] : [],
    ),
  }));

interface Moment {
  readonly what: "starts" | "ends" | "refreshes";
  readonly index: number;
}

function types(diary: Moment[]): readonly AnyResourceType[] {
  const make = (name: string, lane?: string) => {
    const done = new Set<string>();
    return defineResource<{ index: string; breaks: boolean; steady: boolean }>({
      name,
      summary: "Does something.",
      platforms: ["linux"],
      params: parameters({
        index: text("Which."),
        breaks: flag("Does it break?"),
        steady: flag("Is there nothing to do?"),
      }),
      ...(lane !== undefined && { lane }),
      claims: () => [],
      check: async ({ index, steady }) =>
        differing("done", steady || done.has(index) ? "yes" : undefined, "yes"),
      apply: async ({ index, breaks }) => {
        diary.push({ what: "starts", index: Number(index) });
        for (let turns = (Number(index) * 7) % 5; turns >= 0; turns--) await Promise.resolve();
        diary.push({ what: "ends", index: Number(index) });
        if (breaks) throw new Blocked("not now");
        done.add(index);
      },
      refresh: async ({ index }) => {
        diary.push({ what: "refreshes", index: Number(index) });
      },
      examples: [],
    });
  };
  return [make("free"), make("laned", "lane")];
}

/** `settled`: some are as they should be already. */
async function walked(nodes: readonly Node[], concurrency: number, settled = false) {
  const diary: Moment[] = [];
  const resources = nodes.map(({ needs, notifies, lane, breaks, steady }, index): BodyResource => ({
    key: `r${index}`,
    type: lane ? "laned" : "free",
    params: { index: String(index), breaks, steady: settled && steady },
    needs,
    notifies,
  }));
  const report = await runBody(
    { format: 1, secrets: [], resources },
    {
      types: types(diary),
      traitTypes: [],
      host: fakeHost().host,
      envoy: { id: "e", hostname: "h" },
      policyVersion: 1,
      records: memoryRecords().records,
      reversals: memoryReversals().reversals,
      protectedPaths: [],
      trait: async () => undefined,
      pause: async () => true,
      concurrency,
    },
  );
  const at = (what: Moment["what"], index: number) =>
    diary.findIndex((moment) => moment.what === what && moment.index === index);
  return { report, diary, at };
}

test("nothing starts before what it waits for has ended, and nothing that needs a broken one starts", () =>
  fc.assert(
    fc.asyncProperty(graph, async ({ concurrency, ...drawn }) => {
      const nodes = nodesOf(drawn);
      const { report, at } = await walked(nodes, concurrency);
      expect(report.resources.map(({ key }) => key)).toEqual(nodes.map((_, index) => `r${index}`));
      const outcome = (index: number) => report.resources[index]?.outcome;
      const isLost = (index: number) => ["blocked", "skipped"].includes(outcome(index) ?? "");
      for (const [index, { needs, notifies, breaks }] of nodes.entries()) {
        const lost = needs.some(isLost);
        expect(outcome(index)).toBe(lost ? "skipped" : breaks ? "blocked" : "changed");
        expect(at("starts", index) === -1).toBe(lost);
        if (lost) continue;
        for (const need of needs) expect(at("ends", need)).toBeLessThan(at("starts", index));
        for (const target of notifies)
          if (at("starts", target) !== -1)
            expect(at("ends", index)).toBeLessThan(at("starts", target));
      }
    }),
  ));

test("one lane does one thing at a time, and no more are under way than may be", () =>
  fc.assert(
    fc.asyncProperty(graph, async ({ concurrency, ...drawn }) => {
      const nodes = nodesOf(drawn);
      const { diary } = await walked(nodes, concurrency);
      const under = new Set<number>();
      for (const { what, index } of diary) {
        if (what === "starts") under.add(index);
        else if (what === "ends") under.delete(index);
        expect(under.size).toBeLessThanOrEqual(concurrency);
        expect([...under].filter((one) => nodes[one]?.lane).length).toBeLessThanOrEqual(1);
      }
    }),
  ));

test("who is notified is refreshed once, after all who notify it; nobody else is", () =>
  fc.assert(
    fc.asyncProperty(graph, async ({ concurrency, ...drawn }) => {
      const nodes = nodesOf(drawn);
      const { report, diary, at } = await walked(nodes, concurrency, true);
      const outcome = (index: number) => report.resources[index]?.outcome;
      for (const [target] of nodes.entries()) {
        const causes = nodes.flatMap(({ notifies }, index) =>
          notifies.includes(target) && outcome(index) === "changed" ? [index] : [],
        );
        const times = diary.filter(({ what, index }) => what === "refreshes" && index === target);
        const mayRun = ["ok", "changed"].includes(outcome(target) ?? "");
        expect([target, times.length]).toEqual([target, mayRun && causes.length > 0 ? 1 : 0]);
        if (times.length === 0) continue;
        for (const cause of causes)
          for (const what of ["ends", "refreshes"] as const)
            expect(at(what, cause)).toBeLessThan(at("refreshes", target));
        expect(at("ends", target)).toBeLessThan(at("refreshes", target));
      }
    }),
  ));
