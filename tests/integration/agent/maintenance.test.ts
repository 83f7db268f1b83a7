/** An envoy in maintenance runs nothing and alarms nobody; a revoked one can be forgotten. On a real server, a living agent. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { agentStatus } from "../../../src/modes/agent/status.ts";
import { codeOf, makeWorld, messageOf, type World } from "../server/world.ts";
import { publishFiles } from "./publish-files.ts";
import { enrolAt, holds, policyOf, type RealAgent, realAgent, says, until } from "./real-agent.ts";

let w: World;
let agent: RealAgent;

beforeEach(async () => {
  w = await makeWorld("checkin: {interval: 1s, offline_threshold: 2s}\n");
  agent = await realAgent();
});
afterEach(async () => {
  await agent.remove();
  await w.stop();
});

const maintain = (body: object) => w.call("POST", "/envoys/web-1/maintenance", body);

async function enrolled(): Promise<string> {
  await publishFiles(w, policyOf(agent, "one"));
  const enrolment = await enrolAt(agent, w.running().ports.api, await w.token());
  return enrolment.kind === "enrolled" ? enrolment.identity.about.envoy_id : "pending";
}

test("nothing is enforced until it is over, also while the server is away", async () => {
  await enrolled();
  agent.start();
  await holds(agent.page, "one\n");
  const answer = await maintain({ for: "1h" });
  const end = Date.parse(String(answer.body["maintenance_until"]));
  expect(Math.abs(end - Date.now() - 3_600_000)).toBeLessThan(10_000);
  await says(agent, "maintenance");
  await says(agent, "paused");
  await agent.stop();
  await writeFile(agent.page, "by hand\n");
  agent.start();
  await until("it has checked in twice more", async () => {
    const { lastContact } = await contact();
    return lastContact > Date.now() - 500 ? true : undefined;
  });
  expect(await Bun.file(agent.page).text()).toBe("by hand\n");
  expect((await agentStatus(agent.context)).maintenance_until).toBe(new Date(end).toISOString());
  const { envoys } = (await w.call("GET", "/envoys")).body as { envoys: readonly object[] };
  expect(envoys).toEqual([
    expect.objectContaining({ maintenance_until: new Date(end).toISOString(), orphaned: false }),
  ]);
  const ended = await w.call("DELETE", "/envoys/web-1/maintenance");
  expect(ended.body["maintenance_until"]).toBeUndefined();
  await says(agent, "maintenance is over");
  await holds(agent.page, "one\n");
}, 60_000);

const contact = async () => {
  const { last_contact_at: at = "" } = await agentStatus(agent.context);
  return { lastContact: Date.parse(at) };
};

test("it ends by the agent's own clock", async () => {
  await enrolled();
  await agent.runOnce();
  await maintain({ until: new Date(Date.now() + 3_600_000).toISOString() });
  await agent.runOnce();
  await w.running().close();
  await writeFile(agent.page, "by hand\n");
  agent.start();
  await says(agent, "paused");
  agent.clock.offsetMs = 3_700_000;
  await holds(agent.page, "one\n");
  await w.restart();
}, 60_000);

const wrong: readonly (readonly [object, string])[] = [
  [{}, "either for or until"],
  [{ for: "1h", until: "2030-01-01T00:00:00Z" }, "either for or until"],
  [{ until: "2020-01-01T00:00:00Z" }, "until must be a moment to come"],
  [{ until: "2999-01-01T00:00:00Z" }, "more than 90 days"],
  [{ until: "2030-01-01T00:00:00" }, "a moment like"],
  [{ until: "tomorrow" }, "a moment like"],
  [{ for: "1y" }, "a duration like"],
  [{ for: "91d" }, "for is more than 90 days"],
  [{ for: "0s" }, "for must be more than 0"],
];

test.each(wrong)("%p is refused", async (body, message) => {
  await w.enrol(await w.token(), "web-1");
  const answer = await maintain(body);
  expect([answer.status, messageOf(answer)]).toEqual([400, expect.stringContaining(message)]);
});

test("it may be for days", async () => {
  await w.enrol(await w.token(), "web-1");
  const answer = await maintain({ for: "2d" });
  expect(answer.status).toBe(200);
  const until = Date.parse(String(answer.body["maintenance_until"]));
  expect((until - Date.now()) / 3_600_000).toBeCloseTo(48, 0);
}, 20_000);

test("no alert is raised for it, and its silence counts for nothing", async () => {
  const token = await w.token({ uses: 0 });
  await w.enrol(token, "web-1");
  await w.enrol(token, "web-2");
  await maintain({ for: "1h" });
  const stale = async () => {
    const { alerts } = (await w.call("GET", "/alerts")).body as {
      alerts: readonly { readonly kind: string; readonly subject: string }[];
    };
    const found = alerts.filter(({ kind }) => kind === "envoy.stale");
    return found.length === 0 ? undefined : found.map(({ subject }) => subject);
  };
  const deadline = Date.now() + 40_000;
  let told: readonly string[] | undefined;
  while (told === undefined && Date.now() < deadline) {
    await Bun.sleep(100);
    told = await stale();
  }
  expect(told).toEqual(["web-2"]);
}, 60_000);

describe("an envoy", () => {
  test("that is revoked is forgotten, with its runs, and its connection is no more", async () => {
    const id = await enrolled();
    await agent.runOnce();
    const early = await w.call("DELETE", `/envoys/${id}`);
    expect([codeOf(early), messageOf(early)]).toEqual(["conflict", `${id} is not revoked`]);
    agent.start();
    await until("it has checked in", async () =>
      (await contact()).lastContact > 0 ? true : undefined,
    );
    await w.call("POST", `/envoys/${id}/revoke`);
    await says(agent, "check-in failed", "cannot reach|revoked");
    const gone = await w.call("DELETE", "/envoys/web-1");
    expect(gone.body).toEqual({ id, hostname: "web-1" });
    expect(codeOf(await w.call("GET", `/envoys/${id}`))).toBe("missing");
    expect(codeOf(await w.call("DELETE", `/envoys/${id}`))).toBe("missing");
    expect((await w.call("GET", "/runs")).body["runs"]).toEqual([]);
    // What the fleet had not written yet is not in the way of a later write, nor of the next start.
    await w.restart();
    expect((await w.call("GET", "/envoys?revoked=true")).body["envoys"]).toEqual([]);
    const { entries } = (await w.call("GET", "/audit?limit=20")).body as {
      entries: readonly { action: string; subject: string; detail: unknown }[];
    };
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: "envoy.delete",
        subject: id,
        detail: { hostname: "web-1" },
      }),
    );
  }, 60_000);

  test("of a name that several revoked ones had is named by its id", async () => {
    const token = await w.token({ uses: 0 });
    for (let turn = 0; turn < 2; turn++) {
      await w.enrol(token, "web-9");
      await w.call("POST", "/envoys/web-9/revoke");
    }
    const answer = await w.call("DELETE", "/envoys/web-9");
    expect(messageOf(answer)).toBe("2 revoked envoys had the name web-9");
  });

  test("has a note until it is taken away", async () => {
    await w.enrol(await w.token(), "web-1");
    const write = (note: string) => w.call("POST", "/envoys/web-1/note", { note });
    expect((await write("moves in May")).body["note"]).toBe("moves in May");
    await w.restart();
    expect((await w.call("GET", "/envoys/web-1")).body["note"]).toBe("moves in May");
    expect((await write("")).body["note"]).toBeUndefined();
    expect((await write("x".repeat(2_001))).status).toBe(400);
  });
});
