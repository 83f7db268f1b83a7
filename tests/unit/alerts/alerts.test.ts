import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Status } from "../../../src/core/status.ts";
import { VigoError } from "../../../src/core/errors.ts";
import { toldOfAct } from "../../../src/modes/server/alerts/acts.ts";
import { fleetConditions } from "../../../src/modes/server/alerts/fleet-conditions.ts";
import { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import { envoy } from "../../integration/store/rows.ts";
import type { Condition } from "../../../src/modes/server/alerts/conditions.ts";
import { type AlertEvent, grouped, kinds, wants } from "../../../src/modes/server/alerts/event.ts";
import { Observer } from "../../../src/modes/server/alerts/observer.ts";
import { quietUntil } from "../../../src/modes/server/alerts/quiet.ts";
import { alerts, smtp, type Webhook, webhooks } from "../../../src/modes/server/alerts/settings.ts";
import { bodyFor, mailFor } from "../../../src/modes/server/alerts/shapes.ts";
import type { AuditRow } from "../../../src/modes/server/store/store.ts";

const at = (clock: string) => Date.parse(`2026-06-01T${clock}:00Z`);
const night = { from: "22:00", to: "06:30", timezone: "UTC" };

test.each<[string, string | undefined]>([
  ["21:59", undefined],
  ["22:00", "2026-06-02T06:30:00.000Z"],
  ["23:30", "2026-06-02T06:30:00.000Z"],
  ["00:00", "2026-06-01T06:30:00.000Z"],
  ["06:29", "2026-06-01T06:30:00.000Z"],
  ["06:30", undefined],
])("at %s the quiet ends at %p", (clock, end) => {
  const until = quietUntil(at(clock), night);
  expect(until === undefined ? undefined : new Date(until).toISOString()).toBe(end);
});

test("whose clock it is counts, and a quiet always ends within a day", () => {
  const vienna = { from: "22:00", to: "06:00", timezone: "Europe/Vienna" };
  expect(quietUntil(at("20:30"), vienna)).toBe(Date.parse("2026-06-02T04:00:00Z"));
  const clock = fc
    .integer({ min: 0, max: 1439 })
    .map((m) => `${`${Math.floor(m / 60)}`.padStart(2, "0")}:${`${m % 60}`.padStart(2, "0")}`);
  fc.assert(
    fc.property(clock, clock, clock, (now, from, to) => {
      const until = quietUntil(at(now), { from, to, timezone: "UTC" });
      if (until === undefined) return;
      expect(until).toBeGreaterThan(at(now));
      expect(until - at(now)).toBeLessThanOrEqual(86_400_000);
      expect(quietUntil(until, { from, to, timezone: "UTC" })).toBeUndefined();
    }),
  );
});

test("who says nothing hears of what is more than an information; a test arrives everywhere", () => {
  const all = Object.keys(kinds) as (keyof typeof kinds)[];
  expect(all.filter((kind) => wants(["publish.*"], kind))).toEqual(
    all.filter((kind) => kind.startsWith("publish.") || kind === "alerts.test"),
  );
  expect(wants([], "run.failed")).toBe(true);
  expect([
    wants([], "envoy.enrolled"),
    wants(["*"], "envoy.enrolled"),
    wants(["run.failed"], "alerts.test"),
  ]).toEqual([false, true, true]);
});

const event = (n: number): AlertEvent => ({
  kind: "envoy.stale",
  at: 1,
  subject: `web-${n}`,
  title: "t",
  detail: {},
  about: `${n}`,
});

test("five are told one by one, six and ten thousand at once", () => {
  const many = (count: number) => grouped(Array.from({ length: count }, (_, n) => event(n)));
  expect([many(5).length, many(6).length]).toEqual([5, 1]);
  expect(many(10_000)[0]).toMatchObject({ subject: "10000 envoys", detail: { count: 10_000 } });
  expect(String(many(10_000)[0]?.detail["envoys"])).toEndWith("web-19 and 9980 more");
});

const row = {
  id: 7,
  at: at("12:00"),
  kind: "run.failed",
  severity: "warning",
  subject: "<web>",
  title: "<web> & co\r\nBcc: eve@example.org",
  detail: { reason: "a\nb" },
  about: "envoy 1",
};
const hook: Webhook = { name: "a", url: "https://a", shape: "json", retries: 1, events: [] };

test("what a machine says is data in every shape", () => {
  expect(JSON.parse(bodyFor({ ...hook, shape: "slack" }, row)).text).toContain(
    "&lt;web&gt; &amp; co",
  );
  const duty = JSON.parse(bodyFor({ ...hook, shape: "pagerduty", routing_key: "k" }, row));
  expect(duty).toMatchObject({
    event_action: "trigger",
    dedup_key: "vigo envoy 1",
    payload: { severity: "warning", source: "<web>" },
  });
  const over = JSON.parse(
    bodyFor({ ...hook, shape: "pagerduty", routing_key: "k" }, { ...row, kind: "envoy.recovered" }),
  );
  expect(over).toMatchObject({ event_action: "resolve", dedup_key: "vigo envoy 1" });
  expect(JSON.parse(bodyFor(hook, row))).toMatchObject({
    id: 7,
    at: "2026-06-01T12:00:00.000Z",
    subject: "<web>",
  });
  const mail = mailFor(row, "vigo-1");
  expect(mail.subject).not.toMatch(/[\r\n]/);
  expect(mail.text).toContain("reason: a b");
});

/** A fleet whose standings, audit log and counters a test moves. */
function watched() {
  const facts = new Map<string, string>();
  const world = {
    now: at("12:00"),
    standings: {} as Record<string, Status>,
    convergence: 1 as number | undefined,
    refusals: 0,
    certificates: [] as { name: string; endsAt: number }[],
    conditions: [] as Condition[],
    happened: [] as AlertEvent[],
    audit: [] as AuditRow[],
    told: [] as string[],
    /** The database takes nothing. */
    isLocked: false,
  };
  const observer = (settledAt = 0) =>
    new Observer({
      store: {
        meta: {
          get: async (key) => facts.get(key),
          set: async (key, value) => void facts.set(key, value),
        },
        audit: {
          append: async () => undefined,
          tell: async () => undefined,
          page: async (limit) => [...world.audit].reverse().slice(0, limit),
          after: async (id, limit) => world.audit.filter((one) => one.id > id).slice(0, limit),
        },
      },
      standings: () =>
        Object.entries(world.standings).map(([id, status]) => ({ id, hostname: id, status })),
      convergence: () => world.convergence,
      threshold: () => 0.9,
      refusals: () => world.refusals,
      certificates: () => world.certificates,
      conditions: () => world.conditions,
      happened: () => world.happened.splice(0),
      settledAt: () => settledAt,
      now: () => world.now,
      raise: async (events, more) => {
        if (world.isLocked) throw new VigoError("unavailable", "locked");
        world.told.push(...events.map(({ kind, subject }) => `${kind} ${subject}`));
        for (const [key, value] of Object.entries(more)) facts.set(key, value);
      },
    });
  const told = async (one: Observer) => {
    world.told.length = 0;
    await one.look();
    return [...world.told];
  };
  return { world, observer, told };
}

test("each change of an envoy is told once, over a restart too", async () => {
  const { world, observer, told } = watched();
  const first = observer();
  world.standings = { a: "converged", b: "failed" };
  expect(await told(first)).toEqual(["run.failed b"]);
  expect(await told(first)).toEqual([]);
  world.standings = { a: "offline", b: "degraded" };
  expect(await told(first)).toEqual(["envoy.stale a"]);
  const second = observer();
  expect(await told(second)).toEqual([]);
  world.standings = { a: "changed", b: "diverged" };
  expect(await told(second)).toEqual(["envoy.recovered a", "run.drift b"]);
});

test("a server that was away does not call everybody silent", async () => {
  const { world, observer, told } = watched();
  const one = observer(at("12:10"));
  world.standings = { a: "offline" };
  expect(await told(one)).toEqual([]);
  world.now = at("12:11");
  expect(await told(one)).toEqual(["envoy.stale a"]);
});

test("the fleet's figure is told when it crosses, and not each time", async () => {
  const { world, observer, told } = watched();
  const one = observer();
  world.convergence = 0.95;
  expect(await told(one)).toEqual([]);
  world.convergence = 0.8;
  expect(await told(one)).toEqual(["convergence.threshold fleet"]);
  world.convergence = 0.7;
  expect(await told(one)).toEqual([]);
  world.convergence = undefined;
  expect(await told(one)).toEqual([]);
  world.convergence = 0.9;
  expect(await told(one)).toEqual(["convergence.recovered fleet"]);
});

const act = (action: string, detail: AuditRow["detail"], id = 1): AuditRow => ({
  ...{ id, at: 1, actor: "dana", action, subject: "s", detail, requestId: "ci-1", hash: "" },
});

test.each([
  [{ state: "done", ok: 3 }, "task.done", "3 ok"],
  [{ state: "done", ok: 2, failed: 1 }, "task.failed", "2 ok, 1 failed"],
  [{ state: "done", expired: 1 }, "task.failed", "1 expired"],
  [{ state: "stopped", ok: 1, cancelled: 2 }, "task.stopped", "1 ok, 2 cancelled"],
  [{ state: "cancelled" }, "task.cancelled", "no target"],
] as const)("the end of a task, %j, is told as %s", (detail, kind, counts) => {
  expect(toldOfAct(act("task.end", { ...detail, command: "uptime" }))).toMatchObject({
    kind,
    title: `a task is over: ${counts} (uptime)`,
    detail: { by: "dana", request_id: "ci-1" },
  });
  expect(toldOfAct(act("task.run", null))?.kind).toBe("task.started");
  expect(toldOfAct(act("token.create", null))).toBeUndefined();
});

test.each([
  ["workflow.run", {}, "workflow.started", "was started by dana"],
  [
    "workflow.wait",
    { step: "1.2" },
    "workflow.waiting",
    "waits for an approval: vigo cli workflow approve s",
  ],
  ["workflow.fail", { reason: "step 1.1" }, "workflow.failed", "has failed: step 1.1"],
  ["workflow.abort", { reason: "no" }, "workflow.aborted", "was broken off by dana: no"],
  ["workflow.abort", { reason: "" }, "workflow.aborted", "was broken off by dana"],
  ["workflow.end", { state: "done", failed: 0 }, "workflow.done", "is done"],
  [
    "workflow.end",
    { state: "done", failed: 1 },
    "workflow.done",
    "is done, without one machine that failed",
  ],
  [
    "workflow.end",
    { state: "done", failed: 2 },
    "workflow.done",
    "is done, without 2 machines that failed",
  ],
] as const)("%s %j of a workflow is told as %s", (action, detail, kind, said) => {
  const event = toldOfAct(act(action, { workflow: "upgrade", ...detail }));
  expect(event).toMatchObject({ kind, title: `workflow upgrade ${said}` });
});

test("the end of a run that failed or was aborted is not told a second time", () => {
  for (const state of ["failed", "aborted"])
    expect(toldOfAct(act("workflow.end", { workflow: "upgrade", state }))).toBeUndefined();
});

test("what came up is told at the next look, many of one kind at once", async () => {
  const { world, observer, told } = watched();
  const one = observer();
  const cloned = (n: number): AlertEvent => ({
    ...{ kind: "envoy.cloned", at: 1, subject: `web-${n}`, title: "", detail: {}, about: `${n}` },
  });
  world.happened = [cloned(1)];
  expect(await told(one)).toEqual(["envoy.cloned web-1"]);
  expect(await told(one)).toEqual([]);
  world.happened = Array.from({ length: 50 }, (_, n) => cloned(n));
  expect(await told(one)).toEqual(["envoy.cloned 50 envoys"]);
});

test("what came up while the database took nothing is told when it does, once", async () => {
  const { world, observer, told } = watched();
  const one = observer();
  world.isLocked = true;
  world.happened = [event(1)];
  world.refusals = 3;
  await expect(told(one)).rejects.toThrow("locked");
  world.happened = [event(2)];
  await expect(told(one)).rejects.toThrow("locked");
  world.isLocked = false;
  expect(await told(one)).toEqual([
    ...["envoy.stale web-1", "security.signature_failed fleet", "envoy.stale web-2"],
  ]);
  expect(await told(one)).toEqual([]);
});

test("one mistake in policy is told once for all it keeps back, each name that is not the enrolled one for itself", () => {
  const offline = { factor: 2.5 };
  const fleet = new Fleet({ intervalMs: 1, offline, divergedAfter: 3, traits: [] });
  const problem = (line: number) => ({
    ...{ code: "VG960" as const, file: "a.vgo", line, column: 1, text: "x", message: "is wrong" },
  });
  for (const id of ["a", "b", "c", "gone"]) fleet.add(envoy(id, { hostname: id }));
  for (const [id, line] of [
    ["a", 3],
    ["b", 3],
    ["c", 4],
    ["gone", 5],
  ] as const) {
    const one = fleet.get(id);
    if (one !== undefined) one.problems = [problem(line)];
  }
  fleet.revoke("gone", 1);
  const a = fleet.get("a");
  if (a !== undefined) a.reportedHostname = "A";
  const b = fleet.get("b");
  if (b !== undefined) b.reportedHostname = "b.example";
  const titles = (failure?: string) => fleetConditions(fleet, failure).map(({ title }) => title);
  expect(titles()).toEqual([
    "2 envoys cannot have what is published: a.vgo:3 VG960: is wrong",
    "c cannot have what is published: a.vgo:4 VG960: is wrong",
    "b calls itself b.example",
  ]);
  expect(titles("no tree")[0]).toBe("what is published cannot be taken: no tree");
  // Nobody is told of one that is in maintenance.
  for (const id of ["b", "c"]) fleet.maintain(id, Date.now() + 60_000);
  expect(titles()).toEqual(["a cannot have what is published: a.vgo:3 VG960: is wrong"]);
});

test("acts are told from the audit log, none twice, none of the past", async () => {
  const { world, observer, told } = watched();
  const entry = (id: number, action: string): AuditRow => ({
    id,
    at: 1,
    actor: "dana",
    action,
    subject: "s",
    detail: { hostname: "web-1" },
    requestId: undefined,
    hash: "",
  });
  world.audit = [entry(1, "envoy.enrol")];
  const one = observer();
  expect(await told(one)).toEqual([]);
  world.audit.push(entry(2, "envoy.revoke"), entry(3, "token.create"), entry(4, "config.rollback"));
  expect(await told(one)).toEqual(["envoy.revoked web-1", "publish.rolled_back web-1"]);
  expect(await told(observer())).toEqual([]);
});

test("refusals are told at most every ten minutes, a certificate once", async () => {
  const { world, observer, told } = watched();
  const one = observer();
  world.refusals = 3;
  world.certificates = [{ name: "CA", endsAt: world.now + 86_400_000 }];
  expect(await told(one)).toEqual(["certificate.expiring CA", "security.signature_failed fleet"]);
  world.refusals = 9;
  expect(await told(one)).toEqual([]);
  world.now += 600_000;
  expect(await told(one)).toEqual(["security.signature_failed fleet"]);
});

test("what is wrong with the server is told when it begins, also over a restart, and anew when it comes back", async () => {
  const { world, observer, told } = watched();
  const one = observer();
  const condition = (subject: string): Condition => ({
    kind: "security.audit_broken",
    subject,
    title: "t",
    detail: {},
    about: subject,
  });
  world.conditions = [condition("a"), condition("b")];
  expect(await told(one)).toEqual(["security.audit_broken a", "security.audit_broken b"]);
  expect(await told(observer())).toEqual([]);
  world.conditions = [condition("b"), condition("c")];
  expect(await told(one)).toEqual(["security.audit_broken c"]);
  world.conditions = [];
  expect(await told(one)).toEqual([]);
  world.conditions = [condition("b")];
  expect(await told(one)).toEqual(["security.audit_broken b"]);
});

test("what server.yaml says is held to its shape", () => {
  expect(smtp.safeParse(undefined).data).toBeUndefined();
  expect(alerts.parse(undefined)).toMatchObject({ retention_days: 90 });
  const bad = [
    smtp.safeParse({ host: "mail", from: "a@b", to: [] }),
    smtp.safeParse({ host: "mail", from: "a\r\nb@c", to: ["a@b"] }),
    smtp.safeParse({ host: "mail", from: "a@b", to: ["a@b"], events: ["run.fialed"] }),
    webhooks.safeParse([{ name: "mail", url: "https://a" }]),
    webhooks.safeParse([{ name: "a", url: "file:///etc/passwd" }]),
    webhooks.safeParse([{ name: "a", url: "https://a", shape: "pagerduty" }]),
    webhooks.safeParse([
      { name: "a", url: "https://a" },
      { name: "a", url: "https://b" },
    ]),
    alerts.safeParse({ quiet_hours: { from: "25:00", to: "06:00" } }),
    alerts.safeParse({ quiet_hours: { from: "22:00", to: "06:00", timezone: "Mars/One" } }),
  ];
  expect(bad.map(({ success }) => success)).toEqual(bad.map(() => false));
});
