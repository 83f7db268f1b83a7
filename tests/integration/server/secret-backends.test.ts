/** Secrets that another program keeps: a server that speaks the documented HTTP API of Vault's KV version 2, and one that speaks isopass. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../../src/core/log.ts";
import { isopass } from "../../../src/modes/server/secrets/isopass.ts";
import { RemoteSecrets, type RemoteSource } from "../../../src/modes/server/secrets/remote.ts";
import { vault } from "../../../src/modes/server/secrets/vault.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { makeWorld } from "./world.ts";

const token = "s.a-token-of-the-backend";
interface Kept {
  readonly version: number;
  readonly fields: Readonly<Record<string, string>>;
}

let room: string;
let kept: Map<string, Kept>;
let mode: "well" | "broken" | "elsewhere" | "nonsense";
let backend: ReturnType<typeof Bun.serve>;

const created = (version: number) => `2026-01-0${version}T00:00:00.000000000Z`;

/** `secret/` of a Vault, as far as a reader sees it. */
function answer(request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  if (mode === "broken") return new Response("sealed", { status: 503 });
  if (mode === "elsewhere") return Response.redirect("http://127.0.0.1:1/", 307);
  if (mode === "nonsense") return new Response("<html>hunter2");
  const given = request.headers.get("x-vault-token") ?? request.headers.get("authorization");
  if (given !== token && given !== `Bearer ${token}`) return new Response("{}", { status: 403 });
  if (pathname.startsWith("/secrets")) return plain(pathname);
  const [, kind, path = ""] = /^\/v1\/secret\/(data|metadata)\/(.*)$/.exec(pathname) ?? [];
  if (searchParams.get("list") === "true") {
    const below = [...kept.keys()].filter((one) => one.startsWith(path));
    const keys = below.map((one) => one.slice(path.length).replace(/\/.*/, "/"));
    return keys.length === 0 ? missing() : Response.json({ data: { keys: [...new Set(keys)] } });
  }
  const found = kept.get(decodeURIComponent(path));
  if (found === undefined) return missing();
  const { version, fields } = found;
  return kind === "metadata"
    ? Response.json({
        data: {
          current_version: version,
          versions: { [version]: { created_time: created(version) } },
        },
      })
    : Response.json({
        data: { data: fields, metadata: { version, created_time: created(version) } },
      });
}

const missing = () => Response.json({ errors: [] }, { status: 404 });

function plain(pathname: string): Response {
  const rows = [...kept].map(([path, { version, fields }]) => ({
    path,
    version,
    changed_at: created(version),
    value: fields["value"],
  }));
  if (pathname === "/secrets")
    return Response.json({ secrets: rows.map(({ value, ...row }) => row) });
  const row = rows.find(({ path }) => `/secrets/${path}` === pathname);
  return row === undefined ? missing() : Response.json(row);
}

beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-backend-"));
  await writeFile(join(room, "token"), `${token}\n`, { mode: 0o600 });
  kept = new Map([
    ["web/db", { version: 1, fields: { user: "app", password: "hunter22" } }],
    ["web/tls/key", { version: 2, fields: { value: "PEM" } }],
    ["mail.example.org", { version: 1, fields: { only: "smtp-word" } }],
  ]);
  mode = "well";
  backend = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
});
afterEach(async () => {
  await backend.stop(true);
  await removeRoom(room);
});

const address = (name: string) => ({
  name,
  url: `http://127.0.0.1:${backend.port}`,
  tokenFile: join(room, "token"),
});

async function opened(source: RemoteSource, used: readonly string[] = [], refreshMs = 3_600_000) {
  const logged: string[] = [];
  const note = (event: string, fields?: unknown) =>
    void logged.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { info: note, warn: note, error: note };
  const secrets = await RemoteSecrets.open(source, { refreshMs, used: () => new Set(used), log });
  const changed: string[] = [];
  secrets.onChange((path) => changed.push(path));
  return { secrets, changed, logged };
}

const text = async (secrets: RemoteSecrets, path: string) =>
  new TextDecoder().decode((await secrets.get(path)).value);

test("vault: folders are walked, a field is named after a dot, an only field needs no name", async () => {
  const { secrets } = await opened(vault(address("vault"), "secret"), ["web/db.password"]);
  expect(secrets.list().map(([path]) => path)).toEqual([
    "mail.example.org",
    "web/db",
    "web/tls/key",
  ]);
  expect(await text(secrets, "web/db.password")).toBe("hunter22");
  expect(await text(secrets, "web/tls/key")).toBe("PEM");
  expect(await text(secrets, "mail.example.org")).toBe("smtp-word");
  expect(secrets.about("web/db.password")).toMatchObject({ version: 1 });
  expect([secrets.names.has("web/db.user"), secrets.names.has("web/none")]).toEqual([true, false]);
  await expect(secrets.get("web/none")).rejects.toThrow("no secret web/none in vault");
  await expect(secrets.get("web/db")).rejects.toThrow("no secret web/db in vault");
  secrets.close();
});

test("isopass: one list, one value", async () => {
  kept = new Map([["web/db", { version: 3, fields: { value: "hunter22" } }]]);
  const { secrets } = await opened(isopass(address("isopass")));
  expect(secrets.list()).toMatchObject([["web/db", { version: 3 }]]);
  expect(await text(secrets, "web/db")).toBe("hunter22");
  await expect(secrets.get("web/none")).rejects.toThrow("no secret web/none in isopass");
  secrets.close();
});

test("a new version is noticed, told of by every reference to it, and not before it is there", async () => {
  const { secrets, changed } = await opened(vault(address("vault"), "secret"), ["web/db.password"]);
  const before = secrets.generation;
  await secrets.refresh();
  expect([changed, secrets.generation]).toEqual([[], before]);
  kept.set("web/db", { version: 2, fields: { user: "app", password: "newer" } });
  await secrets.refresh();
  expect(changed.sort()).toEqual(["web/db", "web/db.password"]);
  expect(secrets.generation).toBeGreaterThan(before);
  expect(secrets.about("web/db.password")?.version).toBe(2);
  secrets.close();
});

test("what is changed elsewhere is not changed here", async () => {
  const { secrets } = await opened(isopass(address("isopass")));
  for (const change of [secrets.init(), secrets.set(), secrets.delete(), secrets.rotate()])
    await expect(change).rejects.toThrow("secrets are kept in isopass, and changed there");
  secrets.close();
});

const failures: Readonly<Record<string, readonly [() => unknown, string]>> = {
  "a sealed vault": [() => (mode = "broken"), "vault answers 503"],
  "a redirect, which would carry the token away": [
    () => (mode = "elsewhere"),
    "vault is not reached",
  ],
  "a page in place of JSON": [() => (mode = "nonsense"), "something that is not JSON"],
  "a token that is not allowed": [
    () => writeFile(join(room, "token"), "wrong"),
    "refuses the server's token",
  ],
  "no token": [() => rm(join(room, "token")), "the token for vault cannot be read"],
};

for (const [name, [breakIt, says]] of Object.entries(failures))
  test(`${name} stops the start, and later stops nothing but what needs it`, async () => {
    const { secrets, logged } = await opened(vault(address("vault"), "secret"), ["web/db"], 20);
    await breakIt();
    const deadline = Date.now() + 10_000;
    while (logged.length === 0 && Date.now() < deadline) await Bun.sleep(5);
    expect(logged.join("\n")).toContain(says);
    expect(logged.join("\n")).not.toContain("hunter2");
    expect(secrets.about("web/db")?.version).toBe(1);
    await expect(secrets.get("web/tls/key")).rejects.toThrow(says);
    secrets.close();
    await expect(opened(vault(address("vault"), "secret"))).rejects.toThrow(says);
    expect(logged.filter((line) => line.startsWith("secrets backend fails")).length).toBe(1);
  });

test("a server that keeps its secrets in Vault", async () => {
  const { url, tokenFile } = address("vault");
  const written = `secrets: {backend: vault, url: "${url}", token_file: "${tokenFile}", refresh: 1s}\n`;
  const w = await makeWorld(written);
  try {
    const { body } = await w.call("GET", "/secrets");
    expect(body["secrets"]).toMatchObject([
      { path: "mail.example.org" },
      { path: "web/db" },
      { path: "web/tls/key" },
    ]);
    const value_base64 = Buffer.from("x").toString("base64");
    const refused = await w.call("POST", "/secrets/set", { path: "web/db", value_base64 });
    expect(JSON.stringify(refused.body)).toContain("secrets are kept in vault, and changed there");
    expect(w.log.join("\n")).not.toContain(token);
    mode = "broken";
    await expect(w.restart()).rejects.toThrow("vault answers 503");
    mode = "well";
    await w.restart();
  } finally {
    await w.stop();
  }
});
