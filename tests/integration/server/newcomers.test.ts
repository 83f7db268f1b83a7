/** Who becomes an envoy at once, who waits for a person, and who is forgotten after a silence. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import { forgetSilent } from "../../../src/modes/server/enrolment/ephemeral.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { entry, envoy, token } from "../store/rows.ts";
import { codeOf, envoyKey, makeWorld, messageOf, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld("enroll: {approved: ['web-*', 'db-?.example']}\n");
});
afterAll(() => w.stop());

test.each([
  ["web-1", "enrolled"],
  ["WEB-2", "enrolled"],
  ["db-1.example", "enrolled"],
  ["db-10.example", "pending"],
  ["laptop", "pending"],
])("%s is %s", async (hostname, status) => {
  expect((await w.enrol(await w.token(), hostname)).body["status"]).toBe(status);
});

test("who waits says why, and is let in by a person, whatever the patterns say", async () => {
  const [secret, key] = [await w.token(), envoyKey()];
  const { request_id: id } = (await w.enrol(secret, "printer", key)).body;
  const pending = (await w.call("GET", "/enroll/pending")).body["pending"] as { id: string }[];
  expect(pending.find((one) => one.id === id)).toMatchObject({
    hostname: "printer",
    reason: "no pattern of enroll.approved covers this name",
  });
  await w.call("POST", `/enroll/pending/${id}/approve`);
  expect((await w.enrol(secret, "printer", key)).body["status"]).toBe("enrolled");
});

test("patterns are read again while the server runs", async () => {
  const before = await readFile(w.home.config, "utf8");
  await writeFile(w.home.config, before.replace("'web-*'", "'web-*', 'tablet'"));
  await w.running().reload();
  expect((await w.enrol(await w.token(), "tablet")).body["status"]).toBe("enrolled");
});

test("a pattern that is none is refused with its place", async () => {
  const before = await readFile(w.home.config, "utf8");
  await writeFile(w.home.config, before.replace("'web-*'", "'web *'"));
  await expect(w.running().reload()).rejects.toThrow(/server\.yaml:2:\d+: .*pattern like web-\*/);
  await writeFile(w.home.config, before);
});

test("an ephemeral token says for how long, in the list and in the audit log", async () => {
  await w.token({ ephemeral: "1h", label: "cluster" });
  const { tokens } = (await w.call("GET", "/tokens")).body as { tokens: { label: string }[] };
  expect(tokens.find(({ label }) => label === "cluster")).toMatchObject({ ephemeral_s: 3_600 });
  const { entries } = (await w.call("GET", "/audit?limit=1")).body;
  expect(entries).toMatchObject([{ action: "token.create", detail: { ephemeral: "1h" } }]);
});

test.each(["1s", "400d", "soon"])("a silence of %s is refused", async (ephemeral) => {
  const answer = await w.call("POST", "/tokens", { ephemeral });
  expect([codeOf(answer), messageOf(answer)]).toEqual([
    "invalid",
    expect.stringContaining("ephemeral"),
  ]);
});

const hour = 3_600_000;

test("only machines of an ephemeral token are forgotten, and only after their silence", async () => {
  const room = await mkdtemp(join(tmpdir(), "vigo-ephemeral-"));
  const store = await openStore(join(room, "vigo.db"));
  try {
    await store.tokens.insert(token("kept"), entry());
    await store.tokens.insert(token("brief", { ephemeralMs: hour }), entry());
    const rows = [
      envoy("silent", { tokenId: "brief", enrolledAt: 0 }),
      envoy("talking", { tokenId: "brief", enrolledAt: 0 }),
      envoy("usual", { tokenId: "kept", enrolledAt: 0 }),
    ];
    for (const row of rows)
      await store.envoys.enrol({
        envoy: row,
        use: undefined,
        requestId: undefined,
        audit: entry(),
      });
    let now = 2 * hour;
    const offline = { factor: 2.5 };
    const options = { intervalMs: 1, offline, divergedAfter: 3, traits: [], now: () => now };
    const fleet = await Fleet.load(store, options);
    const look = (heardSince: number) => forgetSilent({ store, fleet, heardSince });
    // Nobody could be heard while the server was away.
    expect(await look(now - hour + 1)).toEqual([]);
    const talking = fleet.get("talking");
    if (talking !== undefined) talking.lastSeenAt = now - hour + 2;
    expect(await look(0)).toEqual(["silent.example"]);
    expect(fleet.get("silent")).toBeUndefined();
    expect((await store.envoys.all()).map(({ id }) => id).sort()).toEqual(["talking", "usual"]);
    const entries = await store.audit.page(2);
    expect(entries.map(({ action, actor }) => `${action} by ${actor}`)).toEqual([
      "envoy.expire by token brief",
      "envoy.revoke by token brief",
    ]);
    now += 2;
    expect(await look(0)).toEqual(["talking.example"]);
    expect(await look(0)).toEqual([]);
  } finally {
    await store.close();
    await removeRoom(room);
  }
});
