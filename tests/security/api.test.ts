/** Every endpoint, also those of tomorrow: nobody gets in without the right, and nothing is told before that. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { endpoints } from "../../src/core/api/index.ts";
import { permissionsOf, roles } from "../../src/core/api/roles.ts";
import { hashOf, newId, newSecret } from "../../src/modes/server/secret.ts";
import { openStore } from "../../src/modes/server/store/sqlite/open.ts";
import { makeWorld, type World } from "../integration/server/world.ts";

let w: World;
const bearers = new Map<string, string>();
const act = { at: 1, actor: "test", action: "test", subject: "test", detail: null };

beforeAll(async () => {
  w = await makeWorld();
  const store = await openStore(w.home.database);
  for (const role of [...roles, "nothing"]) {
    const [id, secret] = [newId(), newSecret()];
    await store.users.put({ name: role, passwordHash: "none", role, createdAt: 1 }, act);
    const row = { id, secretHash: hashOf(secret), userName: role, label: "", createdAt: 1 };
    await store.apiTokens.insert(
      { ...row, expiresAt: Date.now() + 600_000, revokedAt: undefined },
      act,
    );
    bearers.set(role, `vgot_${id}_${secret}`);
  }
  await store.close();
});
afterAll(() => w.stop());

const path = (template: string) => template.replace(/:\w+/g, "nobody");
const named = endpoints.map(
  (endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const,
);
const guarded = named.filter(([, { permission }]) => permission !== "anyone");

test("only these are open to anyone", () => {
  const open = named.filter(([, { permission }]) => permission === "anyone").map(([name]) => name);
  expect(open.sort()).toEqual(["GET /ca", "POST /enroll", "POST /login"]);
});

describe("without a token", () => {
  test.each(guarded)("%s", async (_, { method, path: template }) => {
    const body = method === "GET" ? undefined : "no JSON, and never looked at";
    const answer = await w.call(method, path(template), body, "");
    expect(answer.status).toBe(401);
  });
});

describe.each([...roles, "nothing"])("as %s", (role) => {
  test.each(guarded)("%s", async (_, { method, path: template, permission }) => {
    if (template === "/logout") return;
    const body = method === "GET" ? undefined : "no JSON, and looked at only after the permission";
    const { status } = await w.call(method, path(template), body, bearers.get(role) ?? "");
    const known = roles.find((one) => one === role);
    const may =
      permission === "authenticated" ||
      (known !== undefined && permissionsOf(known).some((one) => one === permission));
    if (may) expect(status).not.toBe(403);
    else expect(status).toBe(403);
  });
});

test("a token that has expired is refused", async () => {
  const store = await openStore(w.home.database);
  const [id, secret] = [newId(), newSecret()];
  const row = { id, secretHash: hashOf(secret), userName: "admin", label: "", createdAt: 1 };
  await store.apiTokens.insert({ ...row, expiresAt: Date.now() - 1, revokedAt: undefined }, act);
  await store.close();
  expect((await w.call("GET", "/me", undefined, `vgot_${id}_${secret}`)).status).toBe(401);
});

test("plain HTTP gets no answer", async () => {
  const { api } = w.running().ports;
  await expect(fetch(`http://localhost:${api}/healthz`, { keepalive: false })).rejects.toThrow();
});
