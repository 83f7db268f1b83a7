/** A request has one name, in its answer, in every line that is logged for it, and in the audit log. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { readFile } from "node:fs/promises";
import { makeWorld, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld();
});
afterAll(() => w.stop());

const ask = async (path: string, init: RequestInit = {}, id?: string) => {
  const headers = {
    authorization: `Bearer ${(await readFile(w.home.localToken, "utf8")).trim()}`,
    ...(id !== undefined && { "x-request-id": id }),
  };
  const response = await w.fetch(`/api/v1${path}`, { ...init, headers });
  return {
    id: response.headers.get("x-request-id") ?? "",
    body: (await response.json()) as Record<string, unknown>,
  };
};
const lines = (id: string) =>
  w.log
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ request_id }) => request_id === id);
const post = (body: unknown = {}): RequestInit => ({ method: "POST", body: JSON.stringify(body) });

test("a name that is given goes all the way", async () => {
  const { id, body } = await ask("/tokens", post({ label: "named" }), "ci-42:deploy.7");
  expect(id).toBe("ci-42:deploy.7");
  const [entry] = (await ask("/audit?limit=1")).body["entries"] as unknown[];
  expect(entry).toMatchObject({ action: "token.create", subject: body["id"], request_id: id });
  expect(lines(id)).toMatchObject([
    { event: "request", method: "POST", path: "/api/v1/tokens", status: 200, actor: "local" },
  ]);
});

test("without one, each request gets one of its own", async () => {
  const [a, b] = [await ask("/tokens", post()), await ask("/tokens", post())];
  expect(a.id).toMatch(/^[0-9a-f]{16}$/);
  expect(b.id).not.toBe(a.id);
  const entries = (await ask("/audit?limit=2")).body["entries"] as { request_id: string }[];
  expect(entries.map(({ request_id }) => request_id)).toEqual([b.id, a.id]);
});

test.each(["", "a b", "ü", "x".repeat(65), '"quoted"', "-x"])(
  "what is no plain word is not taken over: %j",
  async (wrong) => {
    const { id } = await ask("/me", {}, wrong === "ü" ? "%C3%BC" : wrong);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
  },
);

test("a refusal names its request, whoever asks", async () => {
  const { id, body } = await ask("/envoys/nobody", {}, "lost-1");
  expect(body["error"]).toMatchObject({ code: "missing", request_id: "lost-1" });
  expect(id).toBe("lost-1");
  const stranger = await w.fetch("/api/v1/envoys", { headers: { "x-request-id": "who" } });
  expect(await stranger.json()).toMatchObject({ error: { request_id: "who" } });
});

test("an internal error is found in the log by the name in its answer", async () => {
  const database = new Database(w.home.database);
  database.run("ALTER TABLE tokens RENAME TO tokens_away");
  try {
    const { body } = await ask("/tokens", {}, "broken-1");
    expect(body["error"]).toMatchObject({ code: "internal", request_id: "broken-1" });
    expect(lines("broken-1")).toMatchObject([
      { event: "request failed", error: expect.stringContaining("no such table: tokens") },
    ]);
  } finally {
    database.run("ALTER TABLE tokens_away RENAME TO tokens");
    database.close();
  }
});

test("what the server does by itself has no name, and the chain holds with both kinds", async () => {
  await w.restart();
  const { body } = await ask("/audit/verify");
  expect(body).toMatchObject({ holds: true });
  const database = new Database(w.home.database);
  database.run("UPDATE audit SET request_id = 'another' WHERE request_id = 'ci-42:deploy.7'");
  database.close();
  expect((await ask("/audit/verify")).body).toMatchObject({ holds: false });
});

test("what no endpoint answers to has a name too, and fills no log", async () => {
  const nowhere = await ask("/nowhere", post(), "nowhere-1");
  expect(nowhere.id).toBe("nowhere-1");
  expect(nowhere.body["error"]).toEqual({
    code: "missing",
    message: "no endpoint POST /api/v1/nowhere",
    request_id: "nowhere-1",
  });
  expect(lines("nowhere-1")).toEqual([]);
});

test("a parameter that is given twice is refused", async () => {
  const { body } = await ask("/envoys?limit=1&limit=2");
  expect(body["error"]).toMatchObject({ code: "invalid", message: "query: limit is given twice" });
});
