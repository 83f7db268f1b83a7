/** After a login at a provider people go to a page of this server, whoever made the link that they followed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeWorld, type World } from "../integration/server/world.ts";

let w: World;
/** Says where it is, and nothing else is asked of it before a login comes back. */
const provider = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: ({ url }) => {
    const issuer = new URL(url).origin;
    return Response.json(
      url.endsWith("/openid-configuration")
        ? {
            issuer,
            authorization_endpoint: `${issuer}/auth`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/keys`,
          }
        : { keys: [] },
    );
  },
});

beforeAll(async () => {
  w = await makeWorld(
    `auth: {method: oidc, oidc: {issuer: "http://127.0.0.1:${provider.port}", client_id: vigo, role_map: {ops: operator}}}\n`,
  );
});
afterAll(async () => {
  await w.stop();
  await provider.stop(true);
});

const begin = (query: string) => w.fetch(`/auth/oidc/login?${query}`, { redirect: "manual" });

test("a page of this server is where a login may lead", async () => {
  const answer = await begin(`to=${encodeURIComponent("/envoys?page=2")}`);
  expect([answer.status, new URL(answer.headers.get("location") ?? "").origin]).toEqual([
    303,
    `http://127.0.0.1:${provider.port}`,
  ]);
});

describe("no login leads to", () => {
  const elsewhere = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "https:evil.example",
    "",
  ];
  test.each(elsewhere)("%j", async (to) => {
    expect((await begin(`to=${encodeURIComponent(to)}`)).status).toBe(400);
  });

  const word = "x".repeat(43);
  test.each([
    `80.${word}.${word}`,
    `99999.${word}.${word}`,
    `8080@evil.example.${word}.${word}`,
    `8080.${word}.${word}#`,
    "8080",
  ])("the port of a program that is %j", async (program) => {
    expect((await begin(`program=${encodeURIComponent(program)}`)).status).toBe(400);
  });
});
