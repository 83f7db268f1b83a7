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
import { type SecretBackend, secretBackend, type Version } from "../../support/secret-backend.ts";
import { makeWorld } from "./world.ts";

const token = "s.a-token-of-the-backend";
let room: string;
let backend: SecretBackend;

beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-backend-"));
  await writeFile(join(room, "token"), `${token}\n`, { mode: 0o600 });
  backend = secretBackend(token);
  keep({
    "web/db": [{ user: "app", password: "hunter22" }],
    "web/tls/key": [{ value: "former" }, { value: "PEM" }],
    "mail.example.org": [{ only: "smtp-word" }],
  });
});
afterEach(async () => {
  await backend.stop();
  await removeRoom(room);
});

function keep(all: Readonly<Record<string, readonly Version["fields"][]>>): void {
  backend.kept.clear();
  for (const [path, versions] of Object.entries(all))
    backend.kept.set(
      path,
      versions.map((fields) => ({ fields })),
    );
}

const address = (name: string) => ({
  name,
  url: backend.url,
  tokenFile: join(room, "token"),
});

async function opened(source: RemoteSource, used: readonly string[] = [], refreshMs = 3_600_000) {
  const logged: string[] = [];
  const note = (event: string, fields?: unknown) =>
    void logged.push(`${event} ${JSON.stringify(fields)}`);
  const log: Log = { info: note, warn: note, error: note };
  const audited: [string, unknown][] = [];
  const noticed = (action: string, detail: unknown) => void audited.push([action, detail]);
  const options = { refreshMs, used: () => new Set(used), log, noticed };
  const secrets = await RemoteSecrets.open(source, options);
  const changed: string[] = [];
  secrets.onChange((path) => changed.push(path));
  return { secrets, changed, logged, audited };
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
  keep({ "web/db": [{}, {}, { value: "hunter22" }] });
  const { secrets } = await opened(isopass(address("isopass")));
  expect(secrets.list()).toMatchObject([["web/db", { version: 3 }]]);
  expect(await text(secrets, "web/db")).toBe("hunter22");
  await expect(secrets.get("web/none")).rejects.toThrow("no secret web/none in isopass");
  secrets.close();
});

test("no path leads out of what the backend keeps for Vigo", async () => {
  const asked: string[] = [];
  const open = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => {
      asked.push(new URL(url).pathname);
      const all = {
        data: { value: "another mount's" },
        metadata: { version: 1, created_time: "2026-01-01T00:00:00Z" },
      };
      return Response.json({ data: all, path: "x", value: "x", version: 1, changed_at: "" });
    },
  });
  const elsewhere = (name: string) => ({ ...address(name), url: `http://127.0.0.1:${open.port}` });
  const ways = ["web/../../../other/data/db", "web/..", "web/./db", "web/..../../x", "web/...word"];
  for (const source of [vault(elsewhere("vault"), "secret"), isopass(elsewhere("isopass"))])
    for (const way of ways) {
      await source.read(way);
      expect([
        way,
        asked.splice(0).filter((path) => !/\/(?:data|secrets)\/web\//.test(path)),
      ]).toEqual([way, []]);
    }
  await open.stop(true);
});

test("a new version is noticed, told of by every reference to it, and not before it is there", async () => {
  const { secrets, changed, audited } = await opened(vault(address("vault"), "secret"), [
    "web/db.password",
  ]);
  const before = secrets.generation;
  await secrets.refresh();
  expect([changed, secrets.generation]).toEqual([[], before]);
  backend.kept.get("web/db")?.push({ fields: { user: "app", password: "newer" } });
  await secrets.refresh();
  expect(changed.sort()).toEqual(["web/db", "web/db.password"]);
  expect(secrets.generation).toBeGreaterThan(before);
  expect(secrets.about("web/db.password")?.version).toBe(2);
  expect(audited).toEqual([["secret.changed", { count: 1, paths: ["web/db"] }]]);
  secrets.close();
});

test("vault: a secret whose newest version is deleted or destroyed is none, until it is written again", async () => {
  keep({
    deleted: [{ value: "old" }, { value: "x" }],
    destroyed: [{ value: "x" }],
    empty: [],
    later: [{ value: "still there" }],
  });
  const newest = (path: string, more: Partial<Version>) => {
    const versions = backend.kept.get(path) ?? [];
    versions.push({ ...(versions.pop() ?? { fields: {} }), ...more });
  };
  newest("deleted", { deletedAt: "2026-01-03T00:00:00Z" });
  newest("destroyed", { destroyed: true });
  newest("later", { deletedAt: "2999-01-01T00:00:00Z" });
  const { secrets, changed } = await opened(vault(address("vault"), "secret"), ["deleted"]);
  expect(secrets.list().map(([path]) => path)).toEqual(["later"]);
  expect(secrets.names.has("deleted")).toBe(false);
  for (const path of ["deleted", "destroyed", "empty"])
    await expect(secrets.get(path)).rejects.toThrow(`no secret ${path} in vault`);
  backend.kept.get("deleted")?.push({ fields: { value: "again" } });
  await secrets.refresh();
  expect([changed, await text(secrets, "deleted")]).toEqual([["deleted"], "again"]);
  newest("deleted", { deletedAt: "2026-01-03T00:00:00Z" });
  await secrets.refresh();
  expect([changed.length, secrets.about("deleted")]).toEqual([2, undefined]);
  secrets.close();
});

test("vault: a namespace stands in front of the mount, and a token is taken from its file each time", async () => {
  await backend.stop();
  backend = secretBackend(token, "team-a/kv");
  keep({ "a b/ü": [{ value: "named strangely" }], n: [{ value: 7 }] });
  const { secrets } = await opened(vault(address("vault"), "team-a/kv"));
  expect(await text(secrets, "a b/ü")).toBe("named strangely");
  expect(await text(secrets, "n")).toBe("7");
  expect(backend.asked.every((one) => one.startsWith("GET /v1/team-a/kv/"))).toBe(true);
  backend.token = "s.the-next";
  await expect(secrets.get("n")).rejects.toThrow("vault refuses the server's token (403");
  await writeFile(join(room, "token"), "s.the-next\n");
  expect(await text(secrets, "n")).toBe("7");
  secrets.close();
});

test("what is changed elsewhere is not changed here", async () => {
  const { secrets } = await opened(isopass(address("isopass")));
  for (const change of [secrets.init(), secrets.set(), secrets.delete(), secrets.rotate()])
    await expect(change).rejects.toThrow("secrets are kept in isopass, and changed there");
  secrets.close();
});

const failures: Readonly<Record<string, readonly [() => unknown, string]>> = {
  "a sealed vault": [() => (backend.mode = "sealed"), "vault answers 503"],
  "one that is broken": [() => (backend.mode = "broken"), "vault answers 500"],
  "a redirect, which would carry the token away": [
    () => (backend.mode = "elsewhere"),
    "vault is not reached",
  ],
  "a page in place of JSON": [() => (backend.mode = "nonsense"), "something that is not JSON"],
  "a token that is not allowed": [
    () => writeFile(join(room, "token"), "wrong"),
    "refuses the server's token",
  ],
  "no token": [() => rm(join(room, "token")), "the token for vault cannot be read"],
};

for (const [name, [breakIt, says]] of Object.entries(failures))
  test(`${name} stops the start, and later stops nothing but what needs it`, async () => {
    const source = vault(address("vault"), "secret");
    const { secrets, logged, audited } = await opened(source, ["web/db"], 20);
    await breakIt();
    const deadline = Date.now() + 10_000;
    while (logged.length === 0 && Date.now() < deadline) await Bun.sleep(5);
    expect(logged.join("\n")).toContain(says);
    expect(logged.join("\n")).not.toContain("hunter2");
    expect(secrets.about("web/db")?.version).toBe(1);
    await expect(secrets.get("web/tls/key")).rejects.toThrow(says);
    expect(audited).toEqual([["secret.backend_failed", { reason: expect.stringContaining(says) }]]);
    await expect(opened(source)).rejects.toThrow(says);
    backend.mode = "well";
    await writeFile(join(room, "token"), `${token}\n`);
    while (audited.length < 2 && Date.now() < deadline) await Bun.sleep(5);
    expect(audited.at(1)).toEqual(["secret.backend_back", {}]);
    expect(logged.at(-1)).toStartWith("secrets backend answers again");
    secrets.close();
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
    backend.mode = "sealed";
    await expect(w.restart()).rejects.toThrow("vault answers 503");
    backend.mode = "well";
    await w.restart();
  } finally {
    await w.stop();
  }
});
