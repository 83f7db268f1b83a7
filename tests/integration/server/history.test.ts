import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Link } from "../../../src/modes/agent/link.ts";
import { join, toldRun, toldSpan } from "./join.ts";
import { printed } from "./printed.ts";
import { makeWorld, type World } from "./world.ts";

const minute = 60_000;
const now = Date.now();
const ago = (minutes: number) => now - minutes * minute;

let w: World;
const links: Link[] = [];

/** Two machines on which somebody edits the same file; on one of them a package is brought up to date before. */
beforeAll(async () => {
  w = await makeWorld("checkin: {interval: 1s, offline_threshold: 30m}\n");
  const edited = (number: number, minutes: number, from: string) =>
    toldRun(number, ago(minutes), [
      { key: "web/motd", cause: "drift", from },
      { key: "web/other" },
    ]);
  for (const hostname of ["web-1", "web-2"]) {
    const { link } = await join(w, hostname);
    links.push(link);
    await link.checkIn({ hostname, bootId: "b1", machineId: "m1", agentVersion: "1.0.0" });
  }
  await links[0]?.reportRuns({
    reports: [
      toldRun(1, ago(200), [{ key: "web/motd", cause: "intent" }]),
      toldSpan(2, 11, ago(195), ago(145)),
      edited(12, 140, "by hand"),
      edited(13, 135, "by hand"),
      toldRun(14, ago(130), [{ key: "web/motd", failed: true }]),
      toldSpan(15, 16, ago(20), ago(15)),
    ],
  });
  await links[1]?.reportRuns({
    reports: [
      toldRun(1, ago(50), [
        { key: "web/motd" },
        { key: "web/pkg", type: "package", cause: "upstream" },
      ]),
      toldRun(2, ago(45), [{ key: "web/motd", cause: "drift", from: "packaged" }]),
    ],
  });
});
afterAll(async () => {
  for (const link of links) link.close();
  await w.stop();
});

describe("drift", () => {
  test("is told by resource, with how many, since when, and what stood there", async () => {
    const { body } = await w.call("GET", "/drift");
    expect(body["runs"]).toBe(3);
    expect(body["resources"]).toEqual([
      {
        key: "web/motd",
        type: "file",
        fields: ["content"],
        envoys: 2,
        runs: 3,
        first_at: new Date(ago(140)).toISOString(),
        last_at: new Date(ago(45)).toISOString(),
        hostnames: ["web-1", "web-2"],
        found: [
          { value: "by hand", times: 2 },
          { value: "packaged", times: 1 },
        ],
        suspects: [
          { key: "web/pkg", type: "package", cause: "upstream", when: "run before", times: 1 },
        ],
      },
    ]);
  });

  test("is asked for of some hosts, and of some time", async () => {
    const of = async (query: string) => {
      const { resources } = (await w.call("GET", `/drift?${query}`)).body as {
        resources: { envoys: number; runs: number; suspects: unknown[] }[];
      };
      return resources.map(({ envoys, runs, suspects }) => [envoys, runs, suspects.length]);
    };
    expect(await of("hostname=web-1")).toEqual([[1, 2, 0]]);
    expect(await of("since=1h")).toEqual([[1, 1, 1]]);
    expect(await of("since=10m")).toEqual([]);
  });

  test("is printed for people", async () => {
    const text = await printed(w, "runs", "drift");
    expect(text).toContain("web/motd  file  on 2 envoys, in 3 runs");
    expect(text).toContain("perhaps by web/pkg (package, upstream)");
    const alone = await printed(w, "runs", "drift", "--hostname", "web-1");
    expect(alone).toContain("Vigo changed nothing in between");
  });
});

describe("history", () => {
  test("of an envoy is a line of like stretches, silences between", async () => {
    const { body } = await w.call("GET", "/envoys/web-1/history");
    expect(body["stretches"]).toEqual([
      { kind: "converged", first: 15, last: 16, first_at: at(20), last_at: at(15) },
      { kind: "silent", first_at: at(130), last_at: at(20) },
      { kind: "failed", first: 14, last: 14, first_at: at(130), last_at: at(130) },
      { kind: "drift", first: 12, last: 13, first_at: at(140), last_at: at(135) },
      { kind: "converged", first: 2, last: 11, first_at: at(195), last_at: at(145) },
      { kind: "changed", first: 1, last: 1, first_at: at(200), last_at: at(200) },
    ]);
    expect(body["runs"]).toMatchObject({
      converged: 12,
      drift: 2,
      failed: 1,
      changed: 1,
      silent: 0,
    });
    const recent = (await w.call("GET", "/envoys/web-1/history?since=1h")).body;
    expect(recent["stretches"]).toHaveLength(1);
  });

  test("is printed for people", async () => {
    const text = await printed(w, "envoys", "show", "web-1", "--history");
    expect(text).toMatch(/drift mended\s+2h ago\s+5m 0s\s+12 to 13/);
  });

  test("of an envoy that nobody knows is missing", async () => {
    expect((await w.call("GET", "/envoys/nobody/history")).status).toBe(404);
  });

  test("of the fleet is noted by the server itself", async () => {
    const deadline = Date.now() + 20_000;
    let samples: unknown[] = [];
    while (samples.length === 0 && Date.now() < deadline) {
      samples = (await w.call("GET", "/trend")).body["samples"] as unknown[];
      await Bun.sleep(200);
    }
    // One mended drift last; the other has been steady since.
    expect(samples).toMatchObject([
      { envoys: { converged: 1, changed: 1 }, drifting: 1, intended: 0, convergence_pct: 50 },
    ]);
    expect(await printed(w, "server", "status", "--trend")).toMatch(/█{10}·{10} 50 %\s+2/);
  }, 30_000);
});

describe("the database", () => {
  test("is measured, and forgets what it is told to forget", async () => {
    expect((await w.call("GET", "/database")).body["rows"]).toMatchObject({ envoys: 2, runs: 6 });
    expect(await printed(w, "db", "prune", "--older-than", "1h")).toContain("5 runs and stretches");
    expect((await w.call("GET", "/database")).body["rows"]).toMatchObject({ runs: 2, spans: 1 });
    expect(await printed(w, "db", "vacuum")).toMatch(/MiB before, .* MiB now/);
    const acts = (await w.call("GET", "/audit")).body["entries"] as { action: string }[];
    expect(acts.slice(0, 2).map(({ action }) => action)).toEqual([
      "database.vacuum",
      "database.prune",
    ]);
    expect(await printed(w, "db", "stats")).toContain("2 rows");
  });

  test("is nobody's to empty but an admin's", async () => {
    for (const path of ["/database/vacuum", "/database/prune"])
      expect((await w.call("POST", path, { older_than: "1h" }, "")).status).toBe(401);
  });
});

const at = (minutes: number) => new Date(ago(minutes)).toISOString();
