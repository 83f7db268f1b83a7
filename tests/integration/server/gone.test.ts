/** Who follows something and goes away leaves nothing behind: not after what is followed has ended, but at once. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join as path } from "node:path";
import { followed as followedTask } from "../../../src/modes/server/tasks/follow.ts";
import { followed as followedRun } from "../../../src/modes/server/workflows/follow.ts";
import { followed as followedPush } from "../../../src/modes/server/streams/follow-push.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld("checkin: {interval: 1h}\n");
  await w.enrol(await w.token(), "web-1");
});
afterAll(() => w.stop());

/** Its first line has come; gives the way to hang up. */
async function asked(): Promise<{ readonly status: number; leave(): void }> {
  const ca = await readFile(path(w.home.tls, "ca.pem"), "utf8");
  const bearer = (await readFile(w.home.localToken, "utf8")).trim();
  const caller = new AbortController();
  const response = await fetch(`https://localhost:${w.running().ports.api}/api/v1/query`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ query: "os.family", wait: "10m" }),
    signal: caller.signal,
    tls: { ca },
    keepalive: false,
  });
  if (response.status === 200) await response.body?.getReader().read();
  return { status: response.status, leave: () => caller.abort() };
}

test("questions that nobody waits for any more keep nobody from asking", async () => {
  const all = await Promise.all(Array.from({ length: 16 }, asked));
  expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
  const more = await asked();
  expect(more.status).toBe(429);
  for (const one of all) one.leave();
  for (const end = Date.now() + 5_000; ; await Bun.sleep(20)) {
    const again = await asked();
    again.leave();
    if (again.status === 200) break;
    expect(Date.now()).toBeLessThan(end);
  }
});

const standing = {
  id: "1",
  pinned: {},
  batches: 0,
  asked: [],
  createdAt: 1,
  expiresAt: 1,
  batch: 0,
};

/** All that is followed here goes on for ever, and nothing happens to it. */
test.each<
  [string, (followers: Set<unknown>, gone: AbortSignal) => Promise<AsyncIterable<unknown>>]
>([
  [
    "a task",
    (followers, gone) => {
      const active = { row: { ...standing, reason: "" }, counts: () => ({}), targets: new Map() };
      const tasks = { find: () => active, follow: following(followers) };
      const store = { tasks: { find: async () => active.row, targets: async () => [] } };
      return followedTask({ store, tasks } as never, "1", gone);
    },
  ],
  [
    "a run of a workflow",
    (followers, gone) => {
      const row = { ...standing, pinned: { steps: [], undo: [] }, reason: "", params: {} };
      const run = { row, members: [], steps: [] };
      const workflows = { find: () => run, follow: following(followers) };
      return followedRun({ workflows, tasks: { find: () => undefined } } as never, "1", gone);
    },
  ],
  [
    "a push",
    (followers, gone) => {
      const envoy = {
        ...{ id: "one", row: { hostname: "web-1" }, bodyDigest: [1], lastRun: 1, newest: [] },
      };
      followers.clear();
      const fleet = {
        ...{ get: () => envoy, status: () => "converged", maintenanceUntil: () => undefined },
      };
      const push = { push: () => false, toldAt: () => undefined, keep: async () => {} };
      const policy = { settle: async () => {} };
      const deps = { fleet, push, policy, elapsed: () => performance.now(), gone };
      return followedPush(deps as never, [envoy as never], 3_600_000);
    },
  ],
])("%s is followed no longer", async (_, begin) => {
  const followers = new Set<unknown>();
  const gone = new AbortController();
  const events = (await begin(followers, gone.signal))[Symbol.asyncIterator]();
  await events.next();
  const next = events.next();
  await Bun.sleep(1);
  gone.abort();
  await next;
  await events.return?.();
  expect(followers.size).toBe(0);
});

const following = (followers: Set<unknown>) => (_: string, follower: unknown) => {
  followers.add(follower);
  return () => followers.delete(follower);
};
