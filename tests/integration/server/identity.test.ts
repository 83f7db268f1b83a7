import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { codeNeeded } from "../../../src/core/api/auth.ts";
import { codeAt, fromBase32, stepAt } from "../../../src/core/totp.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import { type Answered, codeOf, hintOf, makeWorld, messageOf, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld("auth: {session_idle_timeout: 1m}\n");
});
afterAll(() => w.stop());

const password = "correct horse battery";
const make = async (name: string, role = "viewer") => {
  const made = await w.call("POST", "/users", { name, role, password });
  expect(made.status).toBe(200);
};
const login = (name: string, more: object = {}) =>
  w.call("POST", "/login", { name, password, ...more }, "");
const bearer = async (name: string) => String((await login(name)).body["token"]);

/** A browser: it keeps the cookie, and says what a page of ours would say. */
async function browser(name: string) {
  const answer = await w.fetch("/api/v1/session", {
    method: "POST",
    body: JSON.stringify({ name, password }),
    headers: { "sec-fetch-site": "same-origin" },
  });
  const set = answer.headers.get("set-cookie") ?? "";
  const { csrf_token: csrf } = (await answer.json()) as { readonly csrf_token: string };
  const [cookie = ""] = set.split(";");
  const send = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: object,
  ) =>
    w.fetch(`/api/v1${path}`, {
      method,
      headers: { cookie, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { set, csrf, send, id: cookie.split("=")[1]?.split("_")[0] ?? "" };
}

describe("users", () => {
  test("are made, listed page by page, given roles, shut out and let in again", async () => {
    const made = await w.call("POST", "/users", { name: "Ada", role: "viewer" });
    expect(made.body).toMatchObject({ name: "ada", role: "viewer", origin: "local", totp: false });
    const { password: given } = made.body as { readonly password: string };
    const token = String((await login("ADA", { password: given })).body["token"]);
    expect((await w.call("GET", "/users", undefined, token)).status).toBe(403);
    expect((await w.call("GET", "/envoys", undefined, token)).status).toBe(200);

    expect((await w.call("POST", "/users/ada/role", { role: "admin" })).body["role"]).toBe("admin");
    expect((await w.call("GET", "/users", undefined, token)).status).toBe(200);
    for (const path of ["/users/ada/disable", "/users/ada/role"]) {
      const self = await w.call("POST", path, { role: "viewer" }, token);
      expect([self.status, codeOf(self)]).toEqual([409, "conflict"]);
    }
    const first = await w.call("GET", "/users?limit=1");
    expect((first.body["users"] as { name: string }[]).map(({ name }) => name)).toEqual(["ada"]);
    const next = await w.call("GET", `/users?limit=1&cursor=${first.body["cursor"]}`);
    expect((next.body["users"] as { name: string }[]).map(({ name }) => name)).toEqual(["admin"]);
    expect(next.body["cursor"]).toBeUndefined();

    expect((await w.call("POST", "/users/ada/disable")).body["disabled_at"]).toBeString();
    expect((await w.call("GET", "/me", undefined, token)).status).toBe(401);
    const shut = await login("ada", { password: given });
    expect([shut.status, messageOf(shut)]).toEqual([403, "the user ada is disabled"]);
    expect((await w.call("POST", "/users/ada/enable")).body["disabled_at"]).toBeUndefined();
    expect((await login("ada", { password: given })).status).toBe(200);
  });

  test.each([
    ["a name that is taken", { name: "ADMIN", role: "viewer" }, 409, "there is a user admin"],
    ["a name of the audit log", { name: "Local", role: "viewer" }, 409, "no name for a user"],
    ["a short password", { name: "x", role: "viewer", password: "short" }, 400, "12 characters"],
    ["a role that is none", { name: "x", role: "root" }, 400, "role"],
    ["a name that is none", { name: "a b", role: "viewer" }, 400, "a user name"],
  ])("are not made with %s", async (_, body, status, message) => {
    const answer = await w.call("POST", "/users", body);
    expect([answer.status, messageOf(answer)]).toEqual([status, expect.stringContaining(message)]);
  });

  test("that are the last admin stay one, whoever asks, two at once as well", async () => {
    await w.call("POST", "/users/ada/role", { role: "viewer" });
    for (const [path, body] of [
      ["/users/admin/disable", {}],
      ["/users/ADMIN/role", { role: "viewer" }],
    ] as const) {
      const refused = await w.call("POST", path, body);
      expect([refused.status, messageOf(refused)]).toEqual([
        409,
        "admin is the last admin who can log in",
      ]);
      expect(hintOf(refused)).toContain("webusers create");
    }
    expect((await w.call("POST", "/users/admin/role", { role: "admin" })).status).toBe(200);
    await make("root", "admin");
    const both = await Promise.all([
      w.call("POST", "/users/root/role", { role: "viewer" }),
      w.call("POST", "/users/admin/disable", {}),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    await w.call("POST", "/users/admin/enable");
    expect((await w.call("POST", "/users/root/disable")).status).toBe(200);
    expect((await w.call("POST", "/users/root/disable")).status).toBe(200);
  });

  test("that do not exist are missing", async () => {
    for (const act of ["disable", "enable", "totp/reset"])
      expect((await w.call("POST", `/users/nobody/${act}`)).status).toBe(404);
  });
});

describe("a new password", () => {
  test("ends what the old one gave, but for the caller and what was made for programs", async () => {
    await make("bob");
    const [mine, other] = [await bearer("bob"), await bearer("bob")];
    const made = await w.call("POST", "/api-tokens", { label: "program" }, mine);
    const program = String(made.body["token"]);
    const page = await browser("bob");
    const next = "another good password";
    const wrong = await w.call(
      "POST",
      "/me/password",
      { current: "nonsense", password: next },
      mine,
    );
    expect([wrong.status, codeOf(wrong)]).toEqual([403, "denied"]);
    const change = { current: password, password: next };
    expect((await w.call("POST", "/me/password", change, mine)).status).toBe(200);
    const statuses = [mine, program, other].map(async (one) =>
      w.call("GET", "/me", undefined, one),
    );
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([200, 200, 401]);
    expect((await page.send("GET", "/me")).status).toBe(401);
    expect((await login("bob")).status).toBe(401);
    expect((await login("bob", { password: next })).status).toBe(200);
  });

  test("by an admin ends all logins", async () => {
    await make("carl");
    const mine = await bearer("carl");
    const { body } = await w.call("POST", "/users/carl/password", {});
    expect((await w.call("GET", "/me", undefined, mine)).status).toBe(401);
    expect((await login("carl", { password: body["password"] })).status).toBe(200);
  });

  test("is nothing that the local token has", async () => {
    const answer = await w.call("POST", "/me/password", { current: "x", password: "y".repeat(12) });
    expect([answer.status, messageOf(answer)]).toEqual([422, expect.stringContaining("no user")]);
  });
});

describe("tokens for programs", () => {
  test("are their owner's to make, list and revoke, and an admin's", async () => {
    await make("dora", "operator");
    await make("eve");
    const [dora, eve] = [await bearer("dora"), await bearer("eve")];
    const made = await w.call("POST", "/api-tokens", { label: "ci", expires: "1h" }, dora);
    expect(made.body).toMatchObject({ user: "dora", kind: "made", label: "ci" });
    const { id, token } = made.body as { readonly id: string; readonly token: string };
    expect((await w.call("GET", "/me", undefined, token)).body["role"]).toBe("operator");
    await w.call("POST", "/users/dora/role", { role: "viewer" });
    expect((await w.call("GET", "/me", undefined, token)).body["role"]).toBe("viewer");

    const ids = async (who: string, query = "") =>
      (
        (await w.call("GET", `/api-tokens${query}`, undefined, who)).body["tokens"] as {
          id: string;
        }[]
      ).map((one) => one.id);
    expect(await ids(dora)).toContain(id);
    expect(await ids(eve)).not.toContain(id);
    const all = (await w.call("GET", "/api-tokens?all=true&limit=1")).body;
    expect(all["cursor"]).toBeString();
    expect(JSON.stringify(all)).not.toContain(token.split("_")[2] ?? "?");

    for (const [method, path, body, code] of [
      ["GET", "/api-tokens?all=true", undefined, "denied"],
      ["POST", "/api-tokens", { user: "dora" }, "denied"],
      ["POST", `/api-tokens/${id}/revoke`, undefined, "missing"],
    ] as const)
      expect([path, codeOf(await w.call(method, path, body, eve))]).toEqual([path, code]);

    expect((await w.call("POST", `/api-tokens/${id}/revoke`, undefined, dora)).body).toMatchObject({
      id,
      revoked_at: expect.any(String),
    });
    expect((await w.call("GET", "/me", undefined, token)).status).toBe(401);
  });

  test("of an admin's making belong to the user they are for", async () => {
    const none = await w.call("POST", "/api-tokens", {});
    expect([none.status, messageOf(none)]).toEqual([400, expect.stringContaining("user")]);
    expect((await w.call("POST", "/api-tokens", { user: "nobody" })).status).toBe(404);
    const { body } = await w.call("POST", "/api-tokens", { user: "Eve" });
    expect(body["user"]).toBe("eve");
    await w.call("POST", "/users/eve/disable");
    expect((await w.call("GET", "/me", undefined, String(body["token"]))).status).toBe(401);
    expect((await w.call("POST", "/api-tokens", { user: "eve" })).status).toBe(409);
  });
});

describe("sessions", () => {
  test("are cookies that only the browser and this server read", async () => {
    await make("finn", "admin");
    const page = await browser("finn");
    expect(page.set).toMatch(
      /^__Host-vigo=[0-9a-f_]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200$/,
    );
    const { via, name, csrf_token } = (await (await page.send("GET", "/me")).json()) as Record<
      string,
      unknown
    >;
    expect([via, name, csrf_token]).toEqual(["session", "finn", page.csrf]);
  });

  test("change nothing for pages of others", async () => {
    const page = await browser("finn");
    const other = await browser("finn");
    for (const headers of [
      {},
      { "x-csrf-token": "" },
      { "x-csrf-token": other.csrf },
      { "x-csrf-token": page.csrf, "sec-fetch-site": "cross-site" },
      { "x-csrf-token": page.csrf, "sec-fetch-site": "same-site" },
    ] as Record<string, string>[])
      expect((await page.send("POST", "/tokens", headers, {})).status).toBe(403);
    const right = { "x-csrf-token": page.csrf, "sec-fetch-site": "same-origin" };
    expect((await page.send("POST", "/tokens", right, {})).status).toBe(200);
    const forced = await w.fetch("/api/v1/session", {
      method: "POST",
      headers: { "sec-fetch-site": "cross-site" },
      body: JSON.stringify({ name: "finn", password }),
    });
    expect(forced.status).toBe(403);
  });

  test("end with a logout", async () => {
    const page = await browser("finn");
    const out = await page.send("POST", "/logout", { "x-csrf-token": page.csrf });
    expect([out.status, out.headers.get("set-cookie")]).toEqual([
      200,
      expect.stringContaining("__Host-vigo=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"),
    ]);
    expect((await page.send("GET", "/me")).status).toBe(401);
  });

  test("end after a silence, and after 12 hours whatever happens", async () => {
    const [silent, old] = [await browser("finn"), await browser("finn")];
    const store = await openStore(w.home.database);
    const act = { at: 1, actor: "test", action: "test", subject: "test", detail: null };
    await store.sessions.seen(silent.id, Date.now() - 61_000);
    const row = await store.sessions.find(old.id);
    if (row === undefined) throw new Error("no session");
    await store.sessions.end(old.id, act);
    await store.sessions.insert({ ...row, createdAt: Date.now() - 12 * 3_600_000 }, act);
    for (const page of [silent, old]) expect((await page.send("GET", "/me")).status).toBe(401);

    const alive = await browser("finn");
    await store.sessions.seen(alive.id, Date.now() - 40_000);
    expect((await alive.send("GET", "/me")).status).toBe(200);
    expect((await store.sessions.find(alive.id))?.seenAt).toBeGreaterThan(Date.now() - 30_000);
    await store.close();
  });

  test("of a user that is disabled end at once", async () => {
    await make("gus");
    const page = await browser("gus");
    await w.call("POST", "/users/gus/disable");
    expect((await page.send("GET", "/me")).status).toBe(401);
    await w.call("POST", "/users/gus/enable");
    expect((await page.send("GET", "/me")).status).toBe(401);
  });
});

describe("a second factor", () => {
  const code = (secret: string, off = 0) => codeAt(fromBase32(secret), stepAt(Date.now()) + off);

  async function withTotp(name: string) {
    await make(name);
    const token = await bearer(name);
    const begun = await w.call("POST", "/me/totp", { password }, token);
    const { secret, uri } = begun.body as { readonly secret: string; readonly uri: string };
    expect(uri).toContain(`secret=${secret}`);
    return { token, secret };
  }

  test("is asked for only once the app has proven to have it", async () => {
    const { token, secret } = await withTotp("hal");
    expect((await login("hal")).status).toBe(200);
    const wrong = await w.call("POST", "/me/totp/confirm", { code: "000000" }, token);
    expect(wrong.status).toBe(403);
    const confirmed = await w.call("POST", "/me/totp/confirm", { code: code(secret) }, token);
    const codes = confirmed.body["recovery_codes"] as readonly string[];
    expect(new Set(codes).size).toBe(10);

    const asked = await login("hal");
    expect([asked.status, messageOf(asked)]).toEqual([401, codeNeeded]);
    const now = code(secret, 1);
    const both = await Promise.all([login("hal", { code: now }), login("hal", { code: now })]);
    expect(both.map(({ status }: Answered) => status).sort()).toEqual([200, 401]);
    const again = await login("hal", { code: now });
    expect([again.status, messageOf(again)]).toEqual([401, expect.stringContaining("used before")]);

    const [first = ""] = codes;
    expect((await login("hal", { code: first.toLowerCase() })).status).toBe(200);
    expect((await login("hal", { code: first })).status).toBe(401);
    const twice = await w.call("POST", "/me/totp", { password }, token);
    expect(twice.status).toBe(403);
    const ended = await w.call("POST", "/me/totp/end", { password, code: codes[1] }, token);
    expect(ended.status).toBe(200);
    expect((await login("hal")).status).toBe(200);
  });

  test("can be taken back by an admin, and guessing at it is slow", async () => {
    const { token, secret } = await withTotp("ida");
    await w.call("POST", "/me/totp/confirm", { code: code(secret) }, token);
    const shown = (await w.call("GET", "/users?limit=1000")).body["users"] as { name: string }[];
    expect(shown.find(({ name }) => name === "ida")).toMatchObject({ totp: true });
    const answers: number[] = [];
    for (let n = 0; n < 6; n++) answers.push((await login("ida", { code: "000000" })).status);
    expect(answers).toEqual([401, 401, 401, 401, 429, 429]);
    expect((await w.call("POST", "/users/ida/totp/reset")).body["totp"]).toBe(false);
  });
});

test("what was done is in the audit log, and nothing secret is", async () => {
  const { body } = await w.call("GET", "/audit?limit=1000");
  const text = JSON.stringify(body);
  for (const action of [
    "user.create",
    "user.role",
    "user.disable",
    "user.enable",
    "user.password",
    "user.totp",
    "user.totp-end",
    "user.login",
    "user.logout",
    "api-token.create",
    "api-token.revoke",
  ])
    expect(text).toContain(`"action":"${action}"`);
  expect(text).not.toContain(password);
  const log = w.log.join("\n");
  expect(log).toContain("login refused");
  expect(log).not.toContain(password);
});
