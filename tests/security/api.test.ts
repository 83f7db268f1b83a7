/**
 * Every endpoint, also those of tomorrow, by the document that the server gives of itself: nobody gets in without the right,
 * and nothing is told before that.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Permission } from "../../src/core/api/endpoint.ts";
import { endpoints } from "../../src/core/api/index.ts";
import { openApi } from "../../src/core/api/openapi.ts";
import { permissionsOf, roles } from "../../src/core/api/roles.ts";
import { version } from "../../src/core/version.ts";
import { openStore } from "../../src/modes/server/store/sqlite/open.ts";
import { makeWorld, type World } from "../integration/server/world.ts";
import { bearerFor, expiredBearer } from "../support/people.ts";

let w: World;
const bearers = new Map<string, string>();
let expired = "";

beforeAll(async () => {
  w = await makeWorld();
  const store = await openStore(w.home.database);
  for (const role of [...roles, "nothing"]) bearers.set(role, await bearerFor(store, role));
  expired = await expiredBearer(store, "admin");
  await store.close();
});
afterAll(() => w.stop());

interface Operation {
  readonly "x-permission": Permission | "authenticated" | "anyone";
}

// Tests are named before a server runs; the first test holds this to what the server gives.
const document = openApi(endpoints, version.version) as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path: path.replace(/\{\w+\}/g, "nobody"),
    permission: operation["x-permission"],
  })),
);
const guarded = operations
  .filter(({ permission }) => permission !== "anyone")
  .map((operation) => [operation.name, operation] as const);

test("the document is the one that the server gives, and knows every endpoint", async () => {
  expect((await w.call("GET", "/openapi.json")).body).toEqual(
    document as unknown as Record<string, unknown>,
  );
  expect(operations.map(({ name }) => name).sort()).toEqual(
    endpoints.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`).sort(),
  );
});

test("only these are open to anyone", () => {
  const open = operations.filter(({ permission }) => permission === "anyone");
  expect(open.map(({ name }) => name).sort()).toEqual([
    "GET /ca",
    "POST /enroll",
    "POST /login",
    "POST /login/code",
    "POST /renew",
    "POST /session",
  ]);
});

/** Looked at only after the permission, so it need not be right. */
const bodyOf = (method: string) => (method === "GET" ? undefined : "no JSON");

describe("without a token", () => {
  test.each(guarded)("%s", async (_, { method, path }) => {
    const { status } = await w.call(method, path, bodyOf(method), "");
    expect(status).toBe(401);
  });
});

describe("with a token that has expired", () => {
  test.each(guarded)("%s", async (_, { method, path }) => {
    const { status } = await w.call(method, path, bodyOf(method), expired);
    expect(status).toBe(401);
  });
});

describe.each([...roles, "nothing"])("as %s", (role) => {
  test.each(guarded)("%s", async (name, { method, path, permission }) => {
    if (name === "POST /logout") return;
    const { status } = await w.call(method, path, bodyOf(method), bearers.get(role) ?? "");
    const known = roles.find((one) => one === role);
    const allowed: readonly string[] = known === undefined ? [] : permissionsOf(known);
    const may =
      permission === "authenticated"
        ? name !== "GET /me" || known !== undefined
        : allowed.includes(permission);
    if (may) expect([401, 403]).not.toContain(status);
    else expect(status).toBe(403);
  });
});

test("plain HTTP gets no answer", async () => {
  const { api } = w.running().ports;
  await expect(fetch(`http://localhost:${api}/healthz`, { keepalive: false })).rejects.toThrow();
});
