import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import files from "node:fs/promises";
import { loadTree } from "../../../src/core/policy/load.ts";
import { publishTree } from "../../../src/core/publish/publish.ts";
import type { Link } from "../../../src/modes/agent/link.ts";
import { join } from "./join.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
let link: Link;
let id: string;
const machine = { hostname: "web-1", bootId: "b1", machineId: "m1", agentVersion: "1.0.0" };

beforeAll(async () => {
  w = await makeWorld("tuning: {flush_interval: 100ms}\n");
  ({ link, id } = await join(w, "web-1"));
});
afterAll(async () => {
  link.close();
  await w.stop();
});

const shown = async () => (await w.call("GET", `/envoys/${id}`)).body;

describe("an enrolled machine", () => {
  test("checks in with what enrolment gave it, and is seen", async () => {
    const answer = await link.checkIn(machine);
    expect(answer.ticket).toBeUndefined();
    expect(await shown()).toMatchObject({ status: "no data", agent_version: "1.0.0" });
  });

  test("gets the example policy when that is published", async () => {
    const { tree } = await loadTree(files, w.home.stacks);
    const publication = { tree, actor: "test", message: "", source: "stacks", now: new Date() };
    await publishTree(files, w.home.folder, publication, { self: "test", isAlive: () => false });
    const deadline = Date.now() + 10_000;
    let answer = await link.checkIn(machine);
    while (answer.ticket === undefined && Date.now() < deadline)
      answer = await link.checkIn(machine);
    expect(answer.ticket).toBeDefined();
    const body = Buffer.from(answer.body).toString();
    expect(body).toContain("This is web-1, kept by Vigo.");
    const { policy_version } = (await w.call("GET", "/server")).body;
    expect(policy_version).toBeGreaterThan(0);
  });

  test("tells of a run, which people can read", async () => {
    const resource = {
      key: "hello/greeting",
      type: "file",
      outcome: 2,
      changes: [{ field: "content", to: "hello", cause: 2 }],
      durationMs: 3,
    };
    const run = {
      number: 1n,
      policyVersion: 7n,
      startedAtMs: BigInt(Date.now()),
      durationMs: 12,
      outcome: 2,
      resources: [resource],
    };
    const span = {
      first: 2n,
      last: 4n,
      firstAtMs: BigInt(Date.now()),
      lastAtMs: BigInt(Date.now()),
    };
    const committed = await link.reportRuns({
      reports: [{ report: { case: "run", value: run } }],
    });
    expect(committed).toBe(1n);
    expect(await shown()).toMatchObject({
      status: "changed",
      last_run: { number: 1, outcome: "changed" },
    });
    const listed = (await w.call("GET", "/runs?envoy=web-1")).body;
    expect(listed["runs"]).toMatchObject([
      { hostname: "web-1", number: 1, outcome: "changed", policy_version: 7 },
    ]);
    const one = (await w.call("GET", `/envoys/${id}/runs/1`)).body;
    expect(one["resources"]).toEqual([
      {
        key: "hello/greeting",
        type: "file",
        outcome: "changed",
        changes: [{ field: "content", to: "hello", cause: "drift" }],
        duration_ms: 3,
      },
    ]);
    await link.checkIn({ ...machine, openSpan: span });
    expect(await shown()).toMatchObject({ status: "converged" });
  });

  test("is known after a restart of the server, with its runs and its status", async () => {
    const before = await shown();
    link.close();
    await w.restart();
    expect(await shown()).toEqual(before);
    expect((await w.call("GET", "/runs?envoy=web-1")).body).toMatchObject({
      runs: [{ number: 1 }],
      steady: [{ first: 2, last: 4 }],
    });
  });

  test("is shut out at once when it is revoked", async () => {
    const other = await join(w, "web-2");
    await other.link.checkIn({ ...machine, hostname: "web-2" });
    await w.call("POST", "/envoys/web-2/revoke");
    // Its connection is cut as well, so the first call after that may only learn of the cut.
    const refusals: unknown[] = [];
    for (let n = 0; n < 2; n++)
      await other.link
        .checkIn({ ...machine, hostname: "web-2" })
        .catch((caught) => refusals.push(caught));
    expect(refusals).toHaveLength(2);
    expect(refusals[1]).toMatchObject({ failure: "denied" });
    other.link.close();
    const page = await (await w.fetch("/metrics")).text();
    expect(page).toMatch(/vigo_sig_verify_failed_total\{reason="revoked"\} [12]\n/);
    expect(page).toContain('vigo_checkins_total{status="');
  });
});
