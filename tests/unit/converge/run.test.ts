import { expect, test } from "bun:test";
import type { Body, BodyResource } from "../../../src/core/bundle/body.ts";
import type { Records } from "../../../src/core/converge/records.ts";
import { type RunOptions, runBody } from "../../../src/core/converge/run.ts";
import { VigoError } from "../../../src/core/errors.ts";
import { choice, parameters, text } from "../../../src/core/params.ts";
import {
  type AnyResourceType,
  Blocked,
  defineResource,
  differing,
} from "../../../src/core/resource.ts";
import { fakeHost } from "../../support/fake-host.ts";

/** A world of named values, and a type that sets them: `becomes` can break, block or refuse to hold. */
function world(start: Readonly<Record<string, string>> = {}) {
  const values = new Map(Object.entries(start));
  const diary: string[] = [];
  const params = parameters({
    value: text("Name of a value."),
    is: text("What it should be.").default("on"),
    act: choice("How apply ends.", ["well", "fails", "blocks", "forgets"]).default("well"),
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
    async apply(p) {
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

/** Records in memory, with what survives a crash. */
function memory(owed: readonly string[] = []) {
  const enforced = new Map<string, string>();
  const debts = new Set(owed);
  const records: Records = {
    enforced: (key) => enforced.get(key),
    remember: (key, digest) =>
      void (digest === undefined ? enforced.delete(key) : enforced.set(key, digest)),
    owed: () => debts,
    owe: async (targets) => {
      for (const target of targets) debts.add(target);
    },
    paid: async (target) => void debts.delete(target),
  };
  return { records, enforced, debts };
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

async function run(
  resources: readonly BodyResource[],
  more: Partial<RunOptions> & {
    in?: ReturnType<typeof world>;
    with?: ReturnType<typeof memory>;
  } = {},
) {
  const { in: place = world(), with: kept = memory(), ...options } = more;
  let tick = 0;
  const report = await runBody(body(...resources), {
    resources: [place.setting],
    traits: [],
    host: () => fakeHost().host,
    envoy: { id: "e", hostname: "h" },
    trait: async () => undefined,
    records: kept.records,
    dryRun: false,
    policyVersion: 7,
    monotonicMs: () => ++tick,
    protectedPaths: [],
    ...options,
  });
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
  const kept = memory(["web"]);
  const { diary } = await run([setting("web")], { in: world({ web: "on" }), with: kept });
  expect(diary).toEqual(["refresh web"]);
  expect([...kept.debts]).toEqual([]);

  const failing = memory();
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
  const kept = memory(["gone"]);
  expect((await run([setting("a")], { with: kept })).report.pending_refreshes).toEqual([]);
});

test("power lost in the middle of apply: the next run refreshes what the first one owed", async () => {
  const place = world({ web: "on" });
  const kept = memory();
  const resources = [setting("a", { notifies: [1] }), setting("web")];
  const dying: AnyResourceType = {
    ...place.setting,
    apply: async (p: { value: string; is: string }) => {
      place.values.set(p.value, p.is);
      return new Promise(() => {});
    },
  };
  void run(resources, { in: place, with: kept, resources: [dying] });
  while (!kept.debts.has("web")) await Bun.sleep(0);
  await Bun.sleep(0);
  const { outcomes, diary } = await run(resources, { in: place, with: kept });
  expect(outcomes).toEqual({ a: "ok", web: "changed" });
  expect(diary).toEqual(["refresh web"]);
});

test("a dry run says what would happen and does nothing", async () => {
  const kept = memory();
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
  expect([diary, [...kept.debts], kept.enforced.size]).toEqual([[], [], 0]);
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
  const kept = memory();
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
  const kept = memory();
  await run([setting("a", { act: "forgets" })], { in: place, with: kept });
  expect(kept.enforced.has("a")).toBe(false);
});

test("conditions: false skips and forgets, undecided blocks, and neither hides the other", async () => {
  const kept = memory(["b"]);
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
  expect([kept.enforced.has("a"), kept.debts.has("b")]).toEqual([false, false]);
});

test("what this agent does not know is said, never left out", async () => {
  const { outcomes, reasons } = await run([
    { key: "x", type: "teleport", params: {} },
    { key: "y", type: "setting", params: { value: "y", valeu: "z" } },
  ]);
  expect(outcomes).toEqual({ x: "blocked", y: "failed" });
  expect(reasons["x"]).toBe('this agent has no type "teleport": update the agent');
  expect(reasons["y"]).toContain('did you mean "value"?');
});

test("a failure is tried again as often as was asked", async () => {
  const { diary } = await run([setting("a", { act: "fails", retries: 2 })]);
  expect(diary).toEqual(["apply a", "apply a", "apply a"]);
});

test("only the chosen ones are touched", async () => {
  const { outcomes } = await run([setting("a"), setting("b", { needs: [0] })], {
    selected: (key) => key === "b",
  });
  expect(outcomes).toEqual({ b: "changed" });
});

test("a run that is told to end finishes what it began", async () => {
  const stop = new AbortController();
  const { outcomes } = await run([setting("a"), setting("b", { needs: [0] })], {
    signal: stop.signal,
    ended: () => stop.abort(),
  });
  expect(outcomes).toEqual({ a: "changed" });
});
