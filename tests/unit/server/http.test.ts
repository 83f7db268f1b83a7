import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { endpoint } from "../../../src/core/api/endpoint.ts";
import { parameters, text } from "../../../src/core/params.ts";
import { newApiToken } from "../../../src/modes/server/auth/api-tokens.ts";
import { authorise } from "../../../src/modes/server/http/authorise.ts";
import { implement, mount } from "../../../src/modes/server/http/implement.ts";
import { Limiter } from "../../../src/modes/server/http/limiter.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import { person } from "../../support/people.ts";

const shape = { summary: "S.", response: z.object({ n: z.int() }) } as const;
const show = endpoint({ method: "GET", path: "/n", permission: "fleet.read", ...shape });
const open = endpoint({ method: "GET", path: "/open", permission: "anyone", ...shape });
const set = endpoint({
  method: "POST",
  path: "/n",
  permission: "fleet.read",
  bodyLimit: 100,
  body: parameters({ a: text("A.") }),
  ...shape,
});

const { row, token } = newApiToken("ada", "made", { expires: "1h", label: "" }, 0);

/** This host has its token, and ada one of hers. */
const store = {
  apiTokens: { find: async (id: string) => (id === row.id ? row : undefined) },
  sessions: { find: async () => undefined },
  users: { find: async () => person("ada") },
} as unknown as Pick<Store, "apiTokens" | "users" | "sessions">;

function world() {
  const clock = { now: 0 };
  const state = { n: 1 };
  const now = () => clock.now;
  const app = mount(
    [
      implement(show, async () => ({ n: state.n })),
      implement(open, async () => ({ n: 0 })),
      implement(set, async () => ({ n: state.n })),
    ],
    {},
    {
      authorise: authorise({
        store,
        localToken: "local",
        sessionIdleMs: () => 60_000,
        now,
        calls: new Limiter({ burst: 5, perSecond: 1, now }),
        strangers: new Limiter({ burst: 3, perSecond: 1, now }),
      }),
      log: (bug) => {
        throw bug;
      },
      done: () => undefined,
    },
  );
  const from =
    (address: string) =>
    async (path: string, headers: object = {}, body?: string) =>
      app.request(
        `/api/v1${path}`,
        {
          method: body === undefined ? "GET" : "POST",
          headers: { authorization: "Bearer local", ...headers },
          ...(body === undefined ? {} : { body }),
        },
        { address },
      );
  return { clock, state, from, send: from("127.0.0.1") };
}

describe("what is read", () => {
  test("has a tag, and is spared to those who have it still", async () => {
    const { send, state } = world();
    const first = await send("/n");
    const tag = first.headers.get("etag") ?? "";
    expect([first.status, await first.json()]).toEqual([200, { n: 1 }]);
    expect(tag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(first.headers.get("cache-control")).toBe("private, no-cache");
    for (const shown of [tag, `"other", W/${tag}`, "*"]) {
      const again = await send("/n", { "if-none-match": shown });
      expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", tag]);
    }
    state.n = 2;
    const { send: fresh } = world();
    expect((await fresh("/n", { "if-none-match": '"0123"' })).status).toBe(200);
  });

  test("has another tag when it is something else", async () => {
    const { send, state } = world();
    const tag = (await send("/n")).headers.get("etag") ?? "";
    state.n = 2;
    const next = await send("/n", { "if-none-match": tag });
    expect([next.status, await next.json()]).toEqual([200, { n: 2 }]);
    expect(next.headers.get("etag")).not.toBe(tag);
  });

  test("an act has none", async () => {
    const { send } = world();
    const answer = await send("/n", { "if-none-match": "*" }, '{"a":"b"}');
    expect([answer.status, answer.headers.get("etag")]).toEqual([200, null]);
  });
});

describe("who calls too often", () => {
  test("is told when to come back, and others do not suffer", async () => {
    const { send, from, clock } = world();
    const ada = () => from("192.0.2.1")("/n", { authorization: `Bearer ${token}` });
    for (let n = 0; n < 5; n++) expect((await ada()).status).toBe(200);
    const refused = await ada();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    for (let n = 0; n < 10; n++) expect((await send("/n")).status).toBe(200);
    clock.now = 1_000;
    expect((await ada()).status).toBe(200);
  });

  test("and has proven nothing is held back by address", async () => {
    const { from } = world();
    const [one, other] = [from("192.0.2.1"), from("192.0.2.2")];
    const statuses: number[] = [];
    for (const path of ["/n", "/open", "/n", "/n", "/open"])
      statuses.push((await one(path, { authorization: "Bearer guessed" })).status);
    expect(statuses).toEqual([401, 200, 401, 429, 429]);
    expect((await other("/open")).status).toBe(200);
  });
});

test("the token of this host is of no use from elsewhere", async () => {
  const { from } = world();
  for (const [address, status] of [
    ["127.0.0.1", 200],
    ["127.9.9.9", 200],
    ["::1", 200],
    ["192.0.2.1", 401],
    ["2001:db8::1", 401],
  ] as const)
    expect([address, (await from(address)("/n")).status]).toEqual([address, status]);
});

test("a body is read no further than its limit", async () => {
  const { send } = world();
  const large = await send("/n", {}, JSON.stringify({ a: "x".repeat(100) }));
  expect([large.status, await large.json()]).toMatchObject([
    400,
    { error: { message: "the body is larger than 100 bytes" } },
  ]);
});
