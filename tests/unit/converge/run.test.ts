import { expect, test } from "bun:test";
import type { Body, BodyResource } from "../../../src/core/bundle/body.ts";
import { runBody } from "../../../src/core/converge/run.ts";
import type { RunOptions } from "../../../src/core/converge/run-options.ts";
import { VigoError } from "../../../src/core/errors.ts";
import { choice, parameters, text } from "../../../src/core/params.ts";
import {
  type AnyResourceType,
  Blocked,
  defineResource,
  differing,
} from "../../../src/core/resource.ts";
import { fakeHost } from "../../support/fake-host.ts";
import { memoryRecords, memoryReversals } from "../../support/memory-records.ts";

/** A world of named values, and a type that sets them: `becomes` can break, block or refuse to hold. */
function world(start: Readonly<Record<string, string>> = {}) {
  const values = new Map(Object.entries(start));
  const diary: string[] = [];
  const params = parameters({
    value: text("Name of a value."),
    is: text("What it should be.").default("on"),
    act: choice("How apply ends.", ["well", "fails", "blocks", "forgets", "cannot"]).default(
      "well",
    ),
    lane: text("Unused.").exactOptional(),
  });
  type P = { value: string; is: string; act: string; lane?: string };
  const setting = defineResource<P>({
    name: "setting",
    summary: "Sets a value.",
    platforms: ["linux"],
    params: params as unknown as AnyResourceType["params"],
    main: "value",
    claims: (p) => [{ id: `value:${p.value}` }],
    check: async (p) => differing(p.value, values.get(p.value), p.is),
    async apply(p, host) {
      if (p.act === "cannot") throw new VigoError("failed", "nobody could");
      // The first act that no dry run can foretell.
      await host.held([], async () => undefined);
      diary.push(`apply ${p.value}`);
      if (p.act === "fails") throw new VigoError("failed", "it broke", { hint: "mend it" });
      if (p.act === "blocks") throw new Blocked("the world is not ready");
      if (p.act === "well") values.set(p.value, p.is);
    },
    async refresh(p) {
      diary.push(`refresh ${p.value}`);
      if (p.act === "fails") throw new VigoError("failed", "no refresh");
    },
    examples: [],
  });
  return { values, diary, setting };
}

const setting = (
  key: string,
  more: Partial<BodyResource> & { act?: string; is?: string } = {},
): BodyResource => {
  const { act, is, ...rest } = more;
  const params = { value: key, ...(act && { act }), ...(is && { is }) };
  return { key, type: "setting", params, ...rest };
};
const body = (...resources: readonly BodyResource[]): Body => ({
  format: 1,
  resources,
  secrets: [],
});

const optionsFor = (
  place: ReturnType<typeof world>,
  kept: ReturnType<typeof memoryRecords>,
  more: Partial<RunOptions>,
): RunOptions => ({
  types: [place.setting],
  traitTypes: [],
  host: fakeHost().host,
  envoy: { id: "e", hostname: "h" },
  trait: async () => undefined,
  records: kept.records,
  reversals: memoryReversals().reversals,
  policyVersion: 7,
  pause: async () => true,
  protectedPaths: [],
  ...more,
});

async function run(
  resources: readonly BodyResource[],
  more: Partial<RunOptions> & {
    in?: ReturnType<typeof world>;
    with?: ReturnType<typeof memoryRecords>;
  } = {},
) {
  const { in: place = world(), with: kept = memoryRecords(), ...options } = more;
  const report = await runBody(body(...resources), optionsFor(place, kept, options));
  const outcomes = Object.fromEntries(report.resources.map(({ key, outcome }) => [key, outcome]));
  const reasons = Object.fromEntries(report.resources.map(({ key, reason }) => [key, reason]));
  return { report, outcomes, reasons, diary: place.diary };
}

test("what is right stays untouched, what is not is put right, and both are told in order", async () => {
  const { report, outcomes, diary } = await run([setting("a"), setting("b", { needs: [0] })], {
    in: world({ a: "on" }),
  });
  expect(outcomes).toEqual({ a: "ok", b: "changed" });
  expect(diary).toEqual(["apply b"]);
  expect(report).toMatchObject({ outcome: "changed", policy_version: 7, dry_run: false });
  expect(report.counts).toMatchObject({ ok: 1, changed: 1, failed: 0 });
});

test("a failure skips what needs it, naming it, and nothing else", async () => {
  const { outcomes, reasons, report } = await run([
    setting("a", { act: "fails" }),
    setting("b", { needs: [0] }),
    setting("c", { needs: [1] }),
    setting("d"),
  ]);
  expect(outcomes).toEqual({ a: "failed", b: "skipped", c: "skipped", d: "changed" });
  expect(reasons["a"]).toBe("it broke (mend it)");
  expect(reasons["c"]).toBe("needs a, which failed");
  expect(report.outcome).toBe("failed");
});

test("what the world is not ready for is blocked, and so counts as not done", async () => {
  const { outcomes, report } = await run([setting("a", { act: "blocks" })]);
  expect(outcomes).toEqual({ a: "blocked" });
  expect(report.outcome).toBe("failed");
});

test("what does not hold is failed, not changed", async () => {
  const { reasons } = await run([setting("a", { act: "forgets" })]);
  expect(reasons["a"]).toBe("still differs after apply: a");
});

test("listeners are refreshed once, after all who tell them, and only when something changed", async () => {
  const { diary } = await run(
    [setting("a", { notifies: [2] }), setting("b", { notifies: [2] }), setting("web")],
    { in: world({ web: "on" }) },
  );
  expect(diary).toEqual(["apply a", "apply b", "refresh web"]);
  const quiet = await run([setting("a", { notifies: [1] }), setting("web")], {
    in: world({ a: "on", web: "on" }),
  });
  expect(quiet.diary).toEqual([]);
});

test("a refresh counts as a change for whom it notifies in turn", async () => {
  const { diary } = await run(
    [setting("a", { notifies: [1] }), setting("b", { notifies: [2] }), setting("c")],
    { in: world({ b: "on", c: "on" }) },
  );
  expect(diary).toEqual(["apply a", "refresh b", "refresh c"]);
});

test("a refresh that is owed from before is done, and one that failed stays owed", async () => {
  const kept = memoryRecords([{ target: "web", cause: "a" }]);
  const { diary } = await run([setting("web")], { in: world({ web: "on" }), with: kept });
  expect(diary).toEqual(["refresh web"]);
  expect(kept.debts.size).toBe(0);

  const failing = memoryRecords();
  const { report } = await run(
    [setting("a", { notifies: [1] }), setting("web", { act: "fails" })],
    {
      in: world({ web: "on" }),
      with: failing,
    },
  );
  expect(report.pending_refreshes).toEqual(["web"]);
});

test("what is owed to something policy no longer has is forgotten", async () => {
  const kept = memoryRecords([{ target: "gone", cause: "a" }]);
  expect((await run([setting("a")], { with: kept })).report.pending_refreshes).toEqual([]);
});

test("power lost in the middle of apply: the next run refreshes what the first one owed", async () => {
  const place = world({ web: "on" });
  const kept = memoryRecords();
  const resources = [setting("a", { notifies: [1] }), setting("web")];
  const dying: AnyResourceType = {
    ...place.setting,
    apply: async (p: { value: string; is: string }) => {
      place.values.set(p.value, p.is);
      return new Promise(() => {});
    },
  };
  void run(resources, { in: place, with: kept, types: [dying] });
  while (kept.debts.size === 0) await Bun.sleep(0);
  await Bun.sleep(0);
  const { outcomes, diary } = await run(resources, { in: place, with: kept });
  expect(outcomes).toEqual({ a: "ok", web: "changed" });
  expect(diary).toEqual(["refresh web"]);
});

test("a dry run says what would happen and does nothing", async () => {
  const kept = memoryRecords();
  const { outcomes, reasons, diary } = await run(
    [setting("a", { notifies: [1] }), setting("web")],
    {
      dryRun: true,
      in: world({ web: "on" }),
      with: kept,
    },
  );
  expect(outcomes).toEqual({ a: "pending", web: "pending" });
  expect(reasons["web"]).toBe("would refresh");
  expect([diary, kept.debts.size, kept.enforced.size]).toEqual([[], 0, 0]);
});

test("a dry run fails where the run would before it has done anything, unless that waits for what is pending", async () => {
  const resources = [
    setting("first", { act: "cannot" }),
    setting("later", { act: "fails" }),
    setting("other"),
    setting("waits", { act: "cannot", needs: [2] }),
    setting("through", { act: "cannot", needs: [3] }),
    setting("lost", { needs: [0] }),
  ];
  const dry = await run(resources, { dryRun: true, in: world() });
  expect(dry.outcomes).toEqual({
    ...{ first: "failed", later: "pending", other: "pending" },
    ...{ waits: "pending", through: "pending", lost: "skipped" },
  });
  expect(dry.reasons).toMatchObject({
    ...{ first: "nobody could", later: undefined, other: undefined },
    waits: "depends on other, which is pending",
    through: "depends on waits, which is pending",
  });
  expect(dry.diary).toEqual([]);
  const real = await run(resources, { in: world() });
  expect(real.reasons["first"]).toBe("nobody could");
});

test("noop holds back one resource, which tells nobody and stands in nobody's way", async () => {
  const { outcomes, diary } = await run(
    [setting("a", { noop: true, notifies: [2] }), setting("b", { needs: [0] }), setting("web")],
    { in: world({ web: "on" }) },
  );
  expect(outcomes).toEqual({ a: "pending", b: "changed", web: "ok" });
  expect(diary).toEqual(["apply b"]);
});

test("the same wish again is drift, another one is intent", async () => {
  const place = world();
  const kept = memoryRecords();
  const causes = async (is: string) => {
    const { report } = await run([setting("a", { is })], { in: place, with: kept });
    return report.resources[0]?.changes.map(({ cause }) => cause);
  };
  expect(await causes("on")).toEqual(["intent"]);
  place.values.set("a", "damaged");
  expect(await causes("on")).toEqual(["drift"]);
  expect(await causes("off")).toEqual(["intent"]);
});

test("a failed attempt does not make the next success drift", async () => {
  const place = world();
  const kept = memoryRecords();
  await run([setting("a", { act: "forgets" })], { in: place, with: kept });
  expect(kept.enforced.has("a")).toBe(false);
});

test("conditions: false skips and forgets, undecided blocks, and neither hides the other", async () => {
  const kept = memoryRecords([{ target: "b", cause: "x" }]);
  kept.enforced.set("a", "x");
  const { outcomes, reasons } = await run(
    [
      setting("a", { when: { source: "1 == 2" } }),
      setting("b", { when: { source: "vars.on", vars: { on: false } } }),
      setting("c", { when: { source: "traits.nothing.here == 1" } }),
      setting("d", { needs: [0] }),
    ],
    { with: kept },
  );
  expect(outcomes).toEqual({ a: "skipped", b: "skipped", c: "blocked", d: "changed" });
  expect(reasons["a"]).toBe("its condition is false: 1 == 2");
  expect(reasons["c"]).toStartWith("cannot decide: ");
  expect(kept.enforced.has("a")).toBe(false);
  // What its condition holds back for now, a window of time perhaps, is owed until it may be done.
  expect(kept.debts.size).toBe(1);
});

test("what this agent does not know is said, never left out", async () => {
  const { outcomes, reasons } = await run([
    { key: "x", type: "teleport", params: {} },
    { key: "y", type: "setting", params: { value: "y", valeu: "z" } },
  ]);
  expect(outcomes).toEqual({ x: "blocked", y: "blocked" });
  expect(reasons["x"]).toBe("this agent has no type teleport: update the agent");
  expect(reasons["y"]).toContain('did you mean "value"?');
});

test("a failure is tried again as often as was asked", async () => {
  const { diary } = await run([setting("a", { act: "fails", retries: 2 })]);
  expect(diary).toEqual(["apply a", "apply a", "apply a"]);
});

test("only the chosen ones are touched", async () => {
  const kept = memoryRecords();
  kept.enforced.set("web/a", "x");
  const { outcomes, reasons } = await run([setting("web/a"), setting("web/b", { needs: [0] })], {
    filter: { only: ["web/b"], skip: [] },
    with: kept,
  });
  expect(outcomes).toEqual({ "web/a": "skipped", "web/b": "changed" });
  expect(reasons["web/a"]).toBe("left out by --only");
  expect(kept.enforced.get("web/a")).toBe("x");
});

test("a run that is told to end finishes what it began", async () => {
  const stop = new AbortController();
  const { outcomes } = await run([setting("a"), setting("b", { needs: [0] })], {
    signal: stop.signal,
    onResource: () => stop.abort(),
  });
  expect(outcomes).toEqual({ a: "changed", b: "skipped" });
});

test("a debt waits until its cause is well, so that a cause that stays broken refreshes nobody every cycle", async () => {
  const place = world({ web: "on" });
  const kept = memoryRecords();
  const act = (word: string) => [setting("a", { act: word, notifies: [1] }), setting("web")];
  for (const _ of [1, 2]) await run(act("blocks"), { in: place, with: kept });
  expect(place.diary).toEqual(["apply a", "apply a"]);
  await run(act("well"), { in: place, with: kept });
  expect(place.diary.slice(2)).toEqual(["apply a", "refresh web"]);
  expect(kept.debts.size).toBe(0);
});

test("what an attempt changed before it failed is told and notifies, though the next one finds nothing to do", async () => {
  const place = world({ web: "on" });
  const halfway: AnyResourceType = {
    ...place.setting,
    apply: async (p: { value: string; is: string }) => {
      place.values.set(p.value, p.is);
      throw new Blocked("after all was done");
    },
  };
  const { outcomes, diary } = await run(
    [setting("a", { retries: 1, notifies: [1] }), setting("web")],
    { in: place, types: [halfway] },
  );
  expect(outcomes).toEqual({ a: "changed", web: "changed" });
  expect(diary).toEqual(["refresh web"]);
});

test("of what is sensitive only the length is told", async () => {
  const { report } = await run([setting("a", { sensitive: true })], {
    in: world({ a: "hunter2" }),
  });
  expect(report.resources[0]?.changes).toMatchObject([
    { from: "(sensitive, 7 bytes)", to: "(sensitive, 2 bytes)" },
  ]);
});

test("a secret that cannot be had blocks the resource that needs it", async () => {
  const report = await runBody(
    {
      format: 1,
      secrets: ["web/db"],
      resources: [{ key: "a", type: "setting", params: { value: "a", is: { $secret: 0 } } }],
    },
    optionsFor(world(), memoryRecords(), {}),
  );
  expect(report.resources[0]).toMatchObject({ outcome: "blocked" });
  expect(report.resources[0]?.reason).toStartWith("needs secret web/db");
});
