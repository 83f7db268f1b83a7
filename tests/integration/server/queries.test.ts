import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { hostname, totalmem } from "node:os";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import {
  enrolAt,
  holds,
  policyOf,
  type RealAgent,
  realAgent,
  says,
  until,
} from "../agent/real-agent.ts";
import { publishFiles } from "../agent/publish-files.ts";
import { makeWorld, messageOf, type World } from "./world.ts";

setDefaultTimeout(60_000);

/** A real server, two real daemons that call every second, and one machine that never comes. */
let w: World;
const agents: RealAgent[] = [];

beforeAll(async () => {
  w = await makeWorld("checkin: {interval: 1s, offline_threshold: 1m}\n");
  for (const name of ["web-1", "web-2"]) {
    const agent = await realAgent();
    agents.push(agent);
    await enrolAt(agent, w.running().ports.api, await w.token(), name);
    agent.start();
  }
  await w.enrol(await w.token(), "db-1");
  await until("both have told", async () => {
    const { body } = await w.call("GET", "/envoys?traits=memory.total_mb");
    const { envoys } = body as { envoys: { hostname: string; chosen_traits?: object }[] };
    const told = envoys.filter(({ chosen_traits }) => Object.keys(chosen_traits ?? {}).length > 0);
    return told.length === 2 ? true : undefined;
  });
});
afterAll(async () => {
  for (const agent of agents) await agent.remove();
  await w.stop();
});

type Event = Record<string, unknown> & { readonly kind: string };

async function ask(body: Record<string, unknown>): Promise<readonly Event[]> {
  const bearer = (await readFile(w.home.localToken, "utf8")).trim();
  const response = await w.fetch("/api/v1/query", {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ targets: ["web-*"], ...body }),
  });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  return (await response.text())
    .split("\n\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice(6)) as Event);
}

const rows = (events: readonly Event[]) => events.filter(({ kind }) => kind === "row");
const end = (events: readonly Event[]) => events.at(-1);

describe("a question to the fleet", () => {
  test("is answered by each over its stream, with what is true now", async () => {
    const events = await ask({ query: "network.hostname, memory.total_mb" });
    expect(events[0]).toMatchObject({
      kind: "begin",
      columns: ["network.hostname", "memory.total_mb"],
      grouped: false,
      asked: 2,
    });
    const values = [hostname(), expect.closeTo(totalmem() / 1024 ** 2, -1)];
    expect(rows(events)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ hostname: "web-1", values }),
        expect.objectContaining({ hostname: "web-2", values }),
      ]),
    );
    expect(end(events)).toEqual({
      kind: "end",
      asked: 2,
      answered: 2,
      matched: 2,
      missing: 0,
      left_out: 0,
    });
  });

  test("is collected anew, and not what was told before", async () => {
    const uptime = async () => {
      const [row] = rows(await ask({ query: "uptime.seconds", targets: ["web-1"] }));
      const [seconds = 0] = (row?.["values"] ?? []) as number[];
      return seconds;
    };
    const before = await uptime();
    const later = await until("a second has gone", async () => {
      const now = await uptime();
      return now > before ? now : undefined;
    });
    expect(later).toBeGreaterThan(before);
  });

  test("is for those for whom the condition holds", async () => {
    const events = await ask({ query: 'where envoy.hostname == "web-2" select os.distro' });
    expect(rows(events).map((row) => row["hostname"])).toEqual(["web-2"]);
    expect(end(events)).toMatchObject({ answered: 2, matched: 1, missing: 0 });
  });

  test("is made into groups", async () => {
    const events = await ask({ query: "count(), max(memory.total_mb) group by os.family" });
    const groups = events.filter(({ kind }) => kind === "group");
    expect(groups).toEqual([{ kind: "group", values: ["debian", 2, expect.any(Number)] }]);
  });

  test("says who has not answered, and does not wait for who cannot", async () => {
    const began = performance.now();
    const events = await ask({ query: "os.distro", targets: ["*"], wait: "2s" });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(events.filter(({ kind }) => kind === "missing")).toEqual([
      expect.objectContaining({
        hostname: "db-1",
        reason: "it has no stream yet: its next check-in opens one",
      }),
    ]);
    expect(end(events)).toMatchObject({ asked: 3, matched: 2, missing: 1 });
  });

  test("is answered from what was told before when nobody is to be asked", async () => {
    const events = await ask({ query: "os.distro, memory.total_mb", targets: ["*"], cached: true });
    expect(rows(events)).toHaveLength(2);
    const [row] = rows(events);
    expect(Date.parse(String(row?.["collected_at"]))).toBeGreaterThan(Date.now() - 600_000);
    expect(events.filter(({ kind }) => kind === "missing")).toEqual([
      expect.objectContaining({ hostname: "db-1", reason: "it has told no memory yet" }),
    ]);
  });

  test("gets no more rows than it wants, and no answer larger than it may be", async () => {
    const limited = await ask({ query: "os.distro", limit: 1 });
    expect([rows(limited).length, end(limited)?.["left_out"]]).toEqual([1, 1]);
  });

  test("is refused where it cannot be read, with the column", async () => {
    const refused = await w.call("POST", "/query", { query: "memroy.used_pct" });
    expect([refused.status, messageOf(refused)]).toEqual([
      400,
      "query, column 1: there is no trait memroy",
    ]);
    const late = await w.call("POST", "/query", { query: "os.distro", wait: "11m" });
    expect(messageOf(late)).toContain("1s to 10m");
    expect((await w.call("POST", "/query", { query: "os", targets: ["nobody"] })).status).toBe(404);
  });

  test("is on record, with who asked what of how many", async () => {
    const { entries } = (await w.call("GET", "/audit?limit=100")).body as never as {
      entries: { action: string; actor: string; detail: Record<string, unknown> }[];
    };
    expect(entries.find(({ action }) => action === "query.run")).toMatchObject({
      actor: "local",
      detail: { query: expect.any(String), targets: expect.any(Number), cached: false },
    });
  });

  test("is not for everybody", async () => {
    const made = await w.call("POST", "/users", {
      name: "eve",
      role: "viewer",
      password: "a-long-enough-password",
    });
    expect(made.status).toBeLessThan(300);
    const login = await w.call(
      "POST",
      "/login",
      { name: "eve", password: "a-long-enough-password" },
      "",
    );
    const bearer = String(login.body["token"]);
    expect((await w.call("POST", "/query", { query: "os" }, bearer)).status).toBe(403);
    expect((await w.call("POST", "/envoys/push", { targets: ["*"] }, bearer)).status).toBe(403);
  });
});

const vigo = async (...words: readonly string[]) => {
  const screen = recordingScreen();
  const code = await cli([...words, "--home", w.home.folder], screen);
  return { code, ...screen.printed() };
};

describe("vigo cli", () => {
  test("query prints a table as answers come", async () => {
    const { code, out, err } = await vigo("query", "os.distro, os.version", "--target", "web-*");
    expect([code, err]).toEqual([0, "2 of 2"]);
    const [head, ...lines] = out.split("\n");
    expect(head).toMatch(/^HOSTNAME +OS\.DISTRO +OS\.VERSION$/);
    expect([...lines].sort()[0]).toMatch(/^web-1 +debian +\S+$/);
  });

  test("query exits 1 when somebody has not answered, and says who", async () => {
    const { code, err } = await vigo("query", "count()", "--wait", "1s");
    expect(code).toBe(1);
    expect(err).toBe(
      "it has no stream yet: its next check-in opens one: db-1\n2 of 3, 1 without an answer",
    );
  });

  test("as CSV and as JSON lines", async () => {
    const csv = await vigo("query", "os.family group by os.family", "--target", "web-*", "--csv");
    expect(csv.out).toBe("os.family\ndebian");
    const json = await vigo("query", "os.family", "--target", "web-1", "--json");
    const events = json.out.split("\n").map((line) => JSON.parse(line) as Event);
    expect(events.map(({ kind }) => kind)).toEqual(["begin", "row", "end"]);
    const both = await vigo("query", "os.family", "--json", "--csv");
    expect([both.code, both.err]).toEqual([2, expect.stringContaining("either --json or --csv")]);
  });

  test("traits livequery takes paths", async () => {
    const live = await vigo("traits", "livequery", "web-1", "os.family", "uptime.seconds");
    expect([live.code, live.out]).toEqual([0, expect.stringMatching(/web-1 +debian +\d+$/)]);
    const wrong = await vigo("traits", "livequery", "web-1", "os.famly");
    expect([wrong.code, wrong.err]).toEqual([
      2,
      "vigo: query, column 1: there is no os.famly\nhint: did you mean os.family?",
    ]);
  });
});

describe("envoys push", () => {
  /** Calls once an hour by itself, and has a stream open. Several steps of seconds: a machine with ten times the work needs most of a minute. */
  async function seldom(): Promise<RealAgent> {
    const far = await realAgent();
    agents.push(far);
    await enrolAt(far, w.running().ports.api, await w.token(), "far-1");
    far.start();
    const events = await ask({ query: "os.family", targets: ["far-1"], wait: "20s" });
    expect(end(events)).toMatchObject({ matched: 1 });
    const policy = policyOf(far, "one");
    const hosts = `envoys: [{match: "far-*", configcrates: [site], checkin: {interval: 1h}}]\n`;
    await publishFiles(w, { ...policy, "envoys.vgo": hosts });
    await holds(far.page, "one\n");
    return far;
  }

  test("makes an envoy check in and run at once, whatever its interval", async () => {
    const far = await seldom();
    await writeFile(far.page, "by hand\n");
    const { code, out } = await vigo("envoys", "push", "far-1", "--no-follow");
    expect([code, out]).toEqual([0, expect.stringMatching(/^far-1 +now +yes$/m)]);
    await holds(far.page, "one\n");
    // The server hears of the run, though its own check-in is an hour away.
    await until("the run is known", async () => {
      const { runs } = (await w.call("GET", "/runs?envoy=far-1")).body as never as {
        runs: { outcome: string }[];
      };
      return runs.length >= 2 ? true : undefined;
    });
    const asked = await vigo("envoys", "push", "db-1", "web-*", "--no-follow");
    expect(asked.out).toMatch(/db-1 +at its time, then again over a stream +yes/);
    const { entries } = (await w.call("GET", "/audit?limit=100")).body as never as {
      entries: { action: string; detail: Record<string, unknown> }[];
    };
    expect(entries.find(({ action }) => action === "envoy.push")?.detail).toEqual({
      asked: ["db-1", "web-*"],
      targets: 3,
    });
  }, 90_000);

  test("tells of each how it ran, who failed, and of whom nothing is known", async () => {
    const far = agents.at(-1);
    if (far === undefined) throw new Error("no agent");
    const bad = `configcrate: site\nresources: [{name: bad, type: file, target_path: ${far.page}/no/such, content: x}]\n`;
    const hosts = `envoys: [{match: "far-*", configcrates: [site], checkin: {interval: 1h}}, {match: db-1, configcrates: [site]}]\n`;
    await publishFiles(w, { "configcrates/site.vgo": bad, "envoys.vgo": hosts });
    const { code, out } = await vigo("envoys", "push", "far-1", "db-1", "--wait", "5s", "--json");
    const events = out.split("\n").map((line) => JSON.parse(line) as Event);
    expect([code, events]).toEqual([
      1,
      [
        { kind: "begin", asked: 2, told: 1, after: expect.any(Object) },
        expect.objectContaining({ kind: "ran", hostname: "far-1", outcome: "failed" }),
        expect.objectContaining({ kind: "missing", reason: "no run of it came in time" }),
        { kind: "end", asked: 2, ran: 1, failed: 1, passed_over: 0, missing: 1 },
      ],
    ]);
    const again = await vigo("envoys", "push", "far-1");
    expect([again.code, again.out]).toEqual([
      1,
      expect.stringMatching(/^far-1 {2}failed \(run (\d+)\); vigo cli runs show far-1 \1$/),
    ]);
    const wrong = await vigo("envoys", "push", "far-1", "--wait", "2h");
    expect(wrong.err).toContain("wait: must be 1s to 1h, not 2h");
  });

  test("takes a new policy there and then, and runs nothing in maintenance", async () => {
    const far = agents.at(-1);
    if (far === undefined) throw new Error("no agent");
    const hosts = `envoys: [{match: "far-*", configcrates: [site], checkin: {interval: 1h}}]\n`;
    await publishFiles(w, { ...policyOf(far, "two"), "envoys.vgo": hosts });
    const pushed = await vigo("envoys", "push", "far-1");
    expect(pushed.code).toBe(0);
    expect(pushed.out).toMatch(/^far-1 {2}changed \(run \d+\)$/);
    expect(pushed.err).toBe("1 of 1 check in and run now\n1 of 1 ran");
    // It is there already: whoever pushes has not to wait for it.
    expect(await readFile(far.page, "utf8")).toBe("two\n");
    await w.call("POST", "/envoys/far-1/maintenance", { for: "1h" });
    await writeFile(far.page, "by hand\n");
    const { code, out, err } = await vigo("envoys", "push", "far-1");
    expect(out).toMatch(/^far-1 {2}in maintenance until \S+: it runs nothing$/);
    expect([code, err]).toEqual([0, expect.stringMatching(/\n0 of 1 ran, 1 in maintenance$/)]);
    const asked = await vigo("envoys", "push", "far-1", "--no-follow");
    expect(asked.out).toMatch(/far-1 +now +not before .* maintenance/);
    await says(far, "paused");
    expect(await readFile(far.page, "utf8")).toBe("by hand\n");
  });
});
