import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loggedInByBrowser } from "../../../src/modes/cli/oidc-login.ts";
import {
  clientSecret,
  logInAt,
  type OpenId,
  openIdProvider,
  redirectUrl,
} from "./openid-provider.ts";
import { codeOf, makeWorld, messageOf, type World } from "./world.ts";

const people: Record<string, Record<string, unknown>> = {
  ada: { preferred_username: "Ada", groups: ["everybody", "ops", "admins"] },
  bob: { preferred_username: "bob", groups: "ops" },
  carl: { preferred_username: "carl", groups: ["everybody"] },
  dora: { preferred_username: "ada", groups: ["ops"] },
  eve: { preferred_username: "local", groups: ["ops"] },
  finn: { preferred_username: "finn", groups: ["constructor", "__proto__", 7, null] },
  gus: { preferred_username: "gus", groups: ["ops"] },
};

let idp: OpenId;
let w: World;
const settings = (issuer: string) => `auth:
  method: oidc
  oidc:
    issuer: ${issuer}
    client_id: vigo
    client_secret: "${clientSecret}"
    redirect_url: ${redirectUrl}
    scopes: openid profile
    role_map: {ops: operator, admins: admin}
`;

beforeAll(async () => {
  idp = await openIdProvider(people);
  w = await makeWorld(settings(idp.issuer));
});
afterAll(async () => {
  await w.stop();
  await idp.stop();
});

const get = (path: string, cookie = "") =>
  w.fetch(path, { redirect: "manual", headers: { cookie } });

/** What our server gives a browser to go to the provider with. */
async function begin(to = "/envoys?page=2") {
  const answer = await get(`/auth/oidc/login?to=${encodeURIComponent(to)}`);
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { answer, cookie, provider: answer.headers.get("location") ?? "" };
}

const pathOf = (url: URL) => `${url.pathname}${url.search}`;

async function logIn(login: string) {
  const { cookie, provider } = await begin();
  const back = await logInAt(provider, login);
  const answer = await get(pathOf(back), cookie);
  const session = answer.headers.getSetCookie().find((one) => one.startsWith("__Host-vigo=")) ?? "";
  return { answer, session: session.split(";")[0] ?? "" };
}

const said = async (answer: Response) =>
  ((await answer.json()) as { readonly error: { readonly message: string } }).error.message;

describe("a person", () => {
  test("is sent to the provider with state, nonce and a challenge", async () => {
    const { answer, provider } = await begin();
    expect([answer.status, provider.startsWith(`${idp.issuer}/auth?`)]).toEqual([303, true]);
    const asked = Object.fromEntries(new URL(provider).searchParams);
    expect(asked).toMatchObject({
      response_type: "code",
      client_id: "vigo",
      redirect_uri: redirectUrl,
      scope: "openid profile",
      code_challenge_method: "S256",
    });
    for (const name of ["state", "nonce", "code_challenge"]) expect(asked[name]).toHaveLength(43);
    expect(answer.headers.get("set-cookie")).toMatch(
      /^__Host-vigo-oidc=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
    );
  });

  test("comes back as a user with the strongest role of its groups, and with a session", async () => {
    const { answer, session } = await logIn("ada");
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/envoys?page=2"]);
    const me = await get("/api/v1/me", session);
    expect(await me.json()).toMatchObject({ name: "ada", role: "admin", via: "session" });
    const { body } = await w.call("GET", "/users");
    expect(body["users"]).toContainEqual(
      expect.objectContaining({ name: "ada", origin: "oidc", role: "admin", totp: false }),
    );
  });

  test("has the role of its groups at each login, and none without a group", async () => {
    const first = await logIn("bob");
    expect(await (await get("/api/v1/me", first.session)).json()).toMatchObject({
      role: "operator",
    });
    const { body } = await w.call("POST", "/api-tokens", { user: "bob" });
    const token = String(body["token"]);
    expect((await w.call("GET", "/envoys", undefined, token)).status).toBe(200);

    people["bob"] = { preferred_username: "robert", groups: ["admins"] };
    const second = await logIn("bob");
    expect(await (await get("/api/v1/me", second.session)).json()).toMatchObject({
      name: "bob",
      role: "admin",
    });

    people["bob"] = { preferred_username: "bob", groups: ["everybody"] };
    const last = await logIn("bob");
    expect([last.answer.status, await said(last.answer)]).toEqual([
      403,
      "none of your groups has a role here",
    ]);
    for (const before of [first, second])
      expect((await get("/api/v1/me", before.session)).status).toBe(401);
    expect((await w.call("GET", "/envoys", undefined, token)).status).toBe(403);
  });

  test.each([
    ["carl", "none of your groups has a role here"],
    ["finn", "none of your groups has a role here"],
    ["dora", "the name ada belongs to another user here"],
    ["eve", "the provider's claim preferred_username gives no name that fits here"],
  ])("%s gets no access: %s", async (login, why) => {
    const { answer, session } = await logIn(login);
    expect([answer.status, session, await said(answer)]).toEqual([403, "", why]);
  });

  test("that was disabled here stays out", async () => {
    const { session } = await logIn("gus");
    expect((await w.call("POST", "/users/gus/disable")).status).toBe(200);
    expect((await get("/api/v1/me", session)).status).toBe(401);
    const { answer } = await logIn("gus");
    expect([answer.status, await said(answer)]).toEqual([403, "the user gus is disabled"]);
  });

  test("gets its role and password nowhere else", async () => {
    for (const [path, body] of [
      ["/users/ada/role", { role: "viewer" }],
      ["/users/ada/password", {}],
    ] as const)
      expect(codeOf(await w.call("POST", path, body))).toBe("conflict");
  });

  test("may be the one admin who is left", async () => {
    expect((await w.call("POST", "/users/admin/disable")).status).toBe(200);
    const last = await w.call("POST", "/users/ada/disable");
    expect([last.status, messageOf(last)]).toEqual([409, "ada is the last admin who can log in"]);
    expect((await w.call("POST", "/users/admin/enable")).status).toBe(200);
    expect((await w.call("POST", "/users/ada/disable")).status).toBe(200);
    expect((await w.call("POST", "/users/ada/enable")).status).toBe(200);
  });
});

describe("an answer of the provider", () => {
  test("is taken once, by the browser that asked, with its own state", async () => {
    const mine = await begin();
    const other = await begin();
    const back = await logInAt(mine.provider, "ada");
    const bent = new URL(back);
    bent.searchParams.set("state", new URL(other.provider).searchParams.get("state") ?? "");
    for (const [url, cookie] of [
      [back, ""],
      [back, other.cookie],
      [bent, mine.cookie],
    ] as const)
      expect((await get(pathOf(url), cookie)).status).toBe(403);
    expect((await get(pathOf(back), mine.cookie)).status).toBe(303);
    expect((await get(pathOf(back), mine.cookie)).status).toBe(403);
  });

  test("for another login is refused: the code was bound to its challenge", async () => {
    const [mine, other] = [await begin(), await begin()];
    const stolen = await logInAt(mine.provider, "ada");
    const bent = await logInAt(other.provider, "ada");
    bent.searchParams.set("code", stolen.searchParams.get("code") ?? "");
    const answer = await get(pathOf(bent), other.cookie);
    expect([answer.status, await said(answer)]).toEqual([
      503,
      expect.stringContaining("answered 400: invalid_grant"),
    ]);
  });

  test("from another provider is refused", async () => {
    const { cookie, provider } = await begin();
    const back = await logInAt(provider, "ada");
    back.searchParams.set("iss", "https://elsewhere");
    const answer = await get(pathOf(back), cookie);
    expect([answer.status, await said(answer)]).toEqual([
      403,
      "the answer is from another provider",
    ]);
  });

  test("that refuses is told", async () => {
    const { cookie, provider } = await begin();
    const state = new URL(provider).searchParams.get("state");
    const iss = encodeURIComponent(idp.issuer);
    const answer = await get(
      `/auth/oidc/callback?state=${state}&error=access_denied&iss=${iss}`,
      cookie,
    );
    expect([answer.status, await said(answer)]).toEqual([
      403,
      "the provider refused: access_denied",
    ]);
  });
});

test.each([
  "//elsewhere.example",
  "https://elsewhere.example",
  "/\\elsewhere.example",
  "/\t/elsewhere.example",
  "/a\r\nset-cookie: x=y",
  "javascript:alert(1)",
  "",
])("nobody is sent to %p", async (to) => {
  const { answer, provider } = await begin(to);
  expect([answer.status, provider]).toEqual([400, ""]);
});

describe("vigo cli login --oidc", () => {
  /** What a person's browser does with the page, up to the address of the program. */
  async function browse(page: string, login: string): Promise<URL> {
    const { pathname, search } = new URL(page);
    const begun = await get(`${pathname}${search}`);
    const cookie = begun.headers.get("set-cookie")?.split(";")[0] ?? "";
    const back = await logInAt(begun.headers.get("location") ?? "", login);
    const answer = await get(pathOf(back), cookie);
    expect([answer.status, answer.headers.getSetCookie().join()]).toEqual([
      303,
      expect.not.stringContaining("__Host-vigo="),
    ]);
    return new URL(answer.headers.get("location") ?? "");
  }

  async function logInWith(show: (page: string) => Promise<void>, patienceMs = 20_000) {
    const room = await mkdtemp(join(tmpdir(), "vigo-oidc-"));
    const shown = Promise.withResolvers<void>();
    try {
      const done = await loggedInByBrowser({
        url: `https://localhost:${w.running().ports.api}`,
        caFile: join(w.home.tls, "ca.pem"),
        fingerprint: undefined,
        expires: "1h",
        env: { XDG_CONFIG_HOME: room },
        confirm: async () => false,
        show: (page) => void show(page).then(shown.resolve, shown.reject),
        patienceMs,
      });
      await shown.promise;
      return { done, kept: JSON.parse(await readFile(join(room, "vigo/login.json"), "utf8")) };
    } finally {
      await rm(room, { recursive: true });
    }
  }

  test("ends with a token of the person, whom a program elsewhere cannot take it from", async () => {
    let place = new URL("http://none");
    const { done, kept } = await logInWith(async (page) => {
      place = await browse(page, "ada");
      expect(place.hostname).toBe("127.0.0.1");
      const bent = new URL(place);
      bent.searchParams.set("state", "x".repeat(43));
      expect((await fetch(bent)).status).toBe(400);
      const answer = await fetch(place);
      expect([answer.status, await answer.text()]).toEqual([
        200,
        expect.stringContaining("closed"),
      ]);
    });
    expect(done).toMatchObject({ name: "ada", role: "admin" });
    const me = await w.call("GET", "/me", undefined, String(kept.token));
    expect(me.body).toMatchObject({ name: "ada", via: "api-token" });
    const { entries } = (await w.call("GET", "/audit?limit=1")).body;
    expect(entries).toMatchObject([{ action: "user.login", actor: "ada", detail: { by: "oidc" } }]);
    // The code is spent, whatever verifier comes with it.
    const code = place.searchParams.get("code");
    const again = await w.call("POST", "/login/code", { code, verifier: "v".repeat(43) }, "");
    expect([again.status, messageOf(again)]).toEqual([
      401,
      "this code is none, was used, or came too late",
    ]);
  });

  test("a code without its verifier is spent and gives nothing", async () => {
    const verifier = "v".repeat(43);
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const page = `https://x/auth/oidc/login?program=4000.${challenge}.${"s".repeat(43)}`;
    const first = (await browse(page, "ada")).searchParams.get("code");
    const wrong = await w.call(
      "POST",
      "/login/code",
      { code: first, verifier: "w".repeat(43) },
      "",
    );
    expect(wrong.status).toBe(401);
    expect((await w.call("POST", "/login/code", { code: first, verifier }, "")).status).toBe(401);
    const second = (await browse(page, "ada")).searchParams.get("code");
    expect((await w.call("POST", "/login/code", { code: second, verifier }, "")).status).toBe(200);
  });

  test("at a server that asks no provider is refused before a page is shown", async () => {
    const local = await makeWorld();
    try {
      const login = loggedInByBrowser({
        url: `https://localhost:${local.running().ports.api}`,
        caFile: join(local.home.tls, "ca.pem"),
        fingerprint: undefined,
        expires: "1h",
        env: {},
        confirm: async () => false,
        show: () => {
          throw new Error("a page that leads nowhere");
        },
        patienceMs: 20_000,
      });
      await expect(login).rejects.toMatchObject({
        failure: expect.not.stringMatching("internal"),
        message: expect.stringContaining("OIDC"),
      });
    } finally {
      await local.stop();
    }
  });

  test("nobody who comes in time is said", async () => {
    const failed = logInWith(async () => undefined, 50).catch((error: Error) => error.message);
    expect(await failed).toBe("nobody logged in in time");
  });

  const [challenge, state] = ["c".repeat(43), "s".repeat(43)];
  test.each([
    `80.${challenge}.${state}`,
    `70000.${challenge}.${state}`,
    `4000@evil.example.${challenge}.${state}`,
    `evil.example:4000.${challenge}.${state}`,
    `4000.${challenge}.${state}&x`,
    `4000..${state}`,
    "",
  ])("the browser goes to no other place than a port of its own machine: %p", async (program) => {
    const answer = await get(`/auth/oidc/login?program=${encodeURIComponent(program)}`);
    expect(answer.status).toBe(400);
  });
});

test("passwords are of no use, and the token of this host still is", async () => {
  for (const path of ["/login", "/session"]) {
    const answer = await w.call("POST", path, { name: "admin", password: "x" }, "");
    expect([answer.status, messageOf(answer)]).toEqual([403, expect.stringContaining("OIDC")]);
  }
  expect((await w.call("GET", "/me")).body["via"]).toBe("local-token");
});

test("a provider that is somebody else, or gone, lets nobody in", async () => {
  await writeFile(
    w.home.config,
    `server: {grpc_listen: '127.0.0.1:0', api_listen: '127.0.0.1:0'}\n${settings("http://127.0.0.1:1")}`,
  );
  await w.running().reload();
  const gone = await get("/auth/oidc/login");
  expect([gone.status, await said(gone)]).toEqual([
    503,
    expect.stringContaining("cannot be reached"),
  ]);
  const alias = idp.issuer.replace("127.0.0.1", "localhost");
  await writeFile(
    w.home.config,
    `server: {grpc_listen: '127.0.0.1:0', api_listen: '127.0.0.1:0'}\n${settings(alias)}`,
  );
  await w.running().reload();
  const other = await get("/auth/oidc/login");
  expect([other.status, await said(other)]).toEqual([
    503,
    expect.stringContaining(`it calls itself ${idp.issuer}`),
  ]);
  await writeFile(
    w.home.config,
    "server: {grpc_listen: '127.0.0.1:0', api_listen: '127.0.0.1:0'}\n",
  );
  await w.running().reload();
  expect((await get("/auth/oidc/login")).status).toBe(404);
  // The provider's people cannot log in now, so that they are no admins to rely on.
  const last = await w.call("POST", "/users/admin/disable");
  expect([last.status, messageOf(last)]).toEqual([409, "admin is the last admin who can log in"]);
});
