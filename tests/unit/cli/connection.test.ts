import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueServer, newCa, newServerKey, openCa } from "../../../src/core/pki/ca.ts";
import { client, refusal } from "../../../src/modes/cli/client.ts";
import { address, findServer } from "../../../src/modes/cli/connection.ts";
import { loggedIn } from "../../../src/modes/cli/login.ts";
import { loginFile, readLogin, writeLogin } from "../../../src/modes/cli/login-file.ts";
import { me } from "../../../src/core/api/auth.ts";

/** A server with a Vigo certificate that tells who called, in a home of its own. */
let room: string;
let home: string;
let ca: string;
let fingerprint: string;
let url: string;
let seen: string[] = [];
let running: Bun.Server<undefined>;

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-connection-"));
  home = join(room, "home");
  const now = new Date();
  const keyed = await newCa(now);
  ca = keyed.certificate;
  const key = await newServerKey();
  const { pem } = await issueServer(await openCa(keyed), { key, names: [] }, now);
  fingerprint = new (await import("node:crypto")).X509Certificate(ca).fingerprint256;
  running = Bun.serve({
    port: 0,
    hostname: "localhost",
    tls: { key, cert: pem },
    fetch: (request) => answer(request),
  });
  url = `https://localhost:${running.port}`;
  await mkdir(join(home, "tls"), { recursive: true });
  await mkdir(join(home, "run"));
  await writeFile(join(home, "tls", "ca.pem"), ca);
  await writeFile(join(home, "local-admin.token"), "local-token\n");
  await writeFile(
    join(home, "run", "ports.json"),
    JSON.stringify({ grpc: 1, api: running.port, pid: 1 }),
  );
});

afterAll(async () => {
  await running.stop(true);
  await rm(room, { recursive: true });
});

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/api/v1/ca") return Response.json({ ca });
  if (pathname === "/api/v1/login") {
    const { password } = (await request.json()) as { password: string };
    if (password === "right")
      return Response.json({
        token: "vgot_1",
        expires_at: "2030-01-01T00:00:00.000Z",
        role: "admin",
      });
    const error = { code: "unauthenticated", message: "wrong name or password" };
    return Response.json({ error }, { status: 401 });
  }
  seen.push(request.headers.get("authorization") ?? "nobody");
  return Response.json({ name: "x", role: "admin", via: "api-token", permissions: [] });
}

const elsewhere = async () => mkdtemp(join(room, "config-"));

/** Asks who we are, by these flags and this environment. */
async function ask(
  wanted: Parameters<typeof findServer>[0],
  env: Readonly<Record<string, string>> = {},
) {
  seen = [];
  const environment = { XDG_CONFIG_HOME: await elsewhere(), ...env };
  await client(await findServer(wanted, environment))(me, { params: {} });
  return seen[0];
}

describe("which server", () => {
  test("--home on its own host needs nothing else", async () => {
    expect(await ask({ home })).toBe("Bearer local-token");
  });

  test("flags win over the environment, and that over a login", async () => {
    const caFile = join(home, "tls", "ca.pem");
    expect(await ask({ server: url, token: "a", caFile }, { VIGO_TOKEN: "b" })).toBe("Bearer a");
    const env = { VIGO_SERVER: url, VIGO_TOKEN: "b", VIGO_CA_FILE: caFile };
    expect(await ask({}, env)).toBe("Bearer b");
    expect(await ask({ server: url, home })).toBe("Bearer local-token");
    const XDG_CONFIG_HOME = await elsewhere();
    await writeLogin(loginFile({ XDG_CONFIG_HOME }), {
      server: url,
      token: "kept",
      ca,
      expires_at: "2030-01-01T00:00:00.000Z",
    });
    expect(await ask({}, { XDG_CONFIG_HOME })).toBe("Bearer kept");
    expect(await ask({}, { XDG_CONFIG_HOME, VIGO_TOKEN: "b", VIGO_SERVER: url })).toBe("Bearer b");
  });

  test("a server that proves another CA is not told the token", async () => {
    const caFile = join(room, "other.pem");
    await writeFile(caFile, (await newCa(new Date())).certificate);
    await expect(ask({ server: url, token: "a", caFile })).rejects.toMatchObject({
      failure: "unavailable",
      message: expect.stringContaining("not from the CA that was pinned"),
    });
    await expect(ask({ server: url, token: "a" })).rejects.toThrow("not from an authority");
    expect(seen).toEqual([]);
  });

  test("says what is missing, and the way out", async () => {
    await expect(ask({ home: room })).rejects.toThrow("has no local-admin.token");
    await expect(ask({ server: "https://localhost:1" })).rejects.toMatchObject({
      failure: "unavailable",
      message: expect.stringContaining("nobody listens there"),
    });
    await expect(ask({ server: url, caFile: "/nowhere" })).rejects.toThrow(
      "/nowhere cannot be read: it is not there",
    );
  });

  test("a CA that is none is said before anything is asked", async () => {
    const caFile = join(room, "none.pem");
    await writeFile(caFile, "root:x:0:0\n");
    const none = ask({ server: url, token: "a", caFile });
    await expect(none).rejects.toMatchObject({ failure: "invalid" });
    await expect(none).rejects.toThrow(`${caFile} holds no certificate in PEM`);
    expect(seen).toEqual([]);
  });

  test("a damaged login is said", async () => {
    const XDG_CONFIG_HOME = await elsewhere();
    await mkdir(join(XDG_CONFIG_HOME, "vigo"));
    await writeFile(loginFile({ XDG_CONFIG_HOME }), '{"server": 1}');
    await expect(ask({}, { XDG_CONFIG_HOME })).rejects.toThrow("login.json cannot be read");
  });

  test.each([
    ["vigo.example.org", "https://vigo.example.org:8443"],
    ["vigo.example.org:9000", "https://vigo.example.org:9000"],
    ["https://vigo.example.org:443", "https://vigo.example.org:443"],
    ["https://[::1]:8443/", "https://[::1]:8443"],
  ])("%s is %s", (written, full) => expect(address(written)).toBe(full));

  test.each(["http://vigo.example.org", "https://vigo.example.org/path", "https://", "a b"])(
    "%s is no address",
    (written) => expect(() => address(written)).toThrow("is no address of a server"),
  );
});

describe("login", () => {
  const login = (XDG_CONFIG_HOME: string, more: Partial<Parameters<typeof loggedIn>[0]>) =>
    loggedIn({
      url,
      name: "admin",
      password: async () => "right",
      expires: "30d",
      code: undefined,
      askCode: async () => undefined,
      env: { XDG_CONFIG_HOME },
      confirm: async () => false,
      ...more,
    });

  test("keeps token and CA where only its user can read", async () => {
    const XDG_CONFIG_HOME = await elsewhere();
    await login(XDG_CONFIG_HOME, { fingerprint });
    const file = loginFile({ XDG_CONFIG_HOME });
    expect(await readLogin(file)).toMatchObject({ server: url, token: "vgot_1", ca });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await ask({}, { XDG_CONFIG_HOME })).toBe("Bearer vgot_1");
  });

  test("a person may say that it is the right CA", async () => {
    const XDG_CONFIG_HOME = await elsewhere();
    const shown: string[] = [];
    const confirm = async (sha256: string) => shown.push(sha256) > 0;
    await login(XDG_CONFIG_HOME, { confirm });
    expect(shown).toEqual([fingerprint.replaceAll(":", "").toLowerCase()]);
  });

  test("nothing is kept for a wrong CA or a wrong password", async () => {
    const XDG_CONFIG_HOME = await elsewhere();
    await expect(login(XDG_CONFIG_HOME, {})).rejects.toThrow("was not accepted");
    await expect(login(XDG_CONFIG_HOME, { fingerprint: "00" })).rejects.toThrow("was not accepted");
    await expect(
      login(XDG_CONFIG_HOME, { fingerprint, password: async () => "x" }),
    ).rejects.toMatchObject({
      failure: "unauthenticated",
    });
    expect(await readLogin(loginFile({ XDG_CONFIG_HOME }))).toBeUndefined();
  });
});

test.each(["body", "query", "params"])(
  "where a value travelled, the %s, is nothing to who typed it",
  (where) => {
    const said = { code: "invalid", message: `${where}: label: must be a line, not the body: 1` };
    expect(refusal(422, { error: said })).toMatchObject({
      failure: "invalid",
      message: "label: must be a line, not the body: 1",
    });
  },
);
