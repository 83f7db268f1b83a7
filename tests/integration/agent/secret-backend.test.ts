/** A server that keeps its secrets elsewhere, and a daemon that uses one: a new value arrives, and an outage stops nothing that is not new. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeRoom } from "../../support/remove-room.ts";
import { type SecretBackend, secretBackend } from "../../support/secret-backend.ts";
import { makeWorld, type World } from "../server/world.ts";
import { publishFiles } from "./publish-files.ts";
import { enrolAt, holds, type RealAgent, realAgent, until } from "./real-agent.ts";

const token = "s.a-token";
let room = "";
let backend: SecretBackend;
let w: World;
let agent: RealAgent;
beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-vault-"));
  await writeFile(join(room, "token"), token, { mode: 0o600 });
  backend = secretBackend(token);
  backend.kept.set("web/db", [{ fields: { password: "first-word" } }]);
  backend.kept.set("other/key", [{ fields: { value: "of somebody else" } }]);
  const secrets = `{backend: vault, url: "${backend.url}", token_file: ${room}/token, refresh: 1s}`;
  w = await makeWorld(`secrets: ${secrets}\ncheckin: {interval: 1s}\n`);
  agent = await realAgent();
});
afterEach(async () => {
  await agent.remove();
  await w.stop();
  await backend.stop();
  await removeRoom(room);
});

const tree = (plain: string) => ({
  "envoys.vgo": 'envoys: [{match: "*", configcrates: [web]}]\n',
  "configcrates/web.vgo": `configcrate: web\nresources:\n  - {name: env, type: file, target_path: ${agent.room}/env, content: "password=secret{web/db.password}\\n"}\n  - {name: plain, type: file, target_path: ${agent.room}/plain, content: "${plain}\\n"}\n`,
});

const audited = async (action: string): Promise<readonly unknown[]> => {
  const { body } = await w.call("GET", "/audit?limit=100");
  const entries = body["entries"] as readonly { readonly action: string }[];
  return entries.filter((one) => one.action === action);
};

test("a value is fetched, followed, kept through an outage, and all that happened is in the audit log", async () => {
  await publishFiles(w, tree("one"));
  await enrolAt(agent, w.running().ports.api, await w.token());
  agent.start();
  await holds(`${agent.room}/env`, "password=first-word\n");

  backend.kept.get("web/db")?.push({ fields: { password: "second-word" } });
  await holds(`${agent.room}/env`, "password=second-word\n");
  expect(await audited("secret.changed")).toMatchObject([
    { actor: "server", subject: "vault", detail: { count: 1, paths: ["web/db"] } },
  ]);

  backend.mode = "sealed";
  await until("the outage in the audit log", async () =>
    (await audited("secret.backend_failed")).length === 1 ? true : undefined,
  );
  // The fleet enforces what it has and what is published meanwhile: a value that the former bundle had is known in the new one.
  await publishFiles(w, tree("two"));
  await holds(`${agent.room}/plain`, "two\n");
  await rm(`${agent.room}/env`);
  await holds(`${agent.room}/env`, "password=second-word\n");

  backend.mode = "well";
  backend.kept.get("web/db")?.push({ fields: { password: "third-word" } });
  await holds(`${agent.room}/env`, "password=third-word\n");
  await until("the end of the outage in the audit log", async () =>
    (await audited("secret.backend_back")).length === 1 ? true : undefined,
  );
  expect(w.log.join("\n")).not.toMatch(/-word|s\.a-token|of somebody else/);
  expect(await readFile(`${agent.room}/plain`, "utf8")).toBe("two\n");
  expect(backend.asked.filter((one) => one.includes("/data/other/key"))).toEqual([]);
}, 60_000);

test("an agent that begins anew in an outage goes on telling what cannot be a secret", async () => {
  await publishFiles(w, tree("one"));
  await enrolAt(agent, w.running().ports.api, await w.token());
  agent.start();
  await holds(`${agent.room}/env`, "password=first-word\n");
  const [{ id, hostname } = { id: "", hostname: "" }] = (await w.call("GET", "/envoys")).body[
    "envoys"
  ] as readonly { readonly id: string; readonly hostname: string }[];
  const memory = async () => {
    const { body } = await w.call("GET", `/envoys/${id}/traits?path=memory.total_mb`);
    const sections = (body["sections"] ?? []) as readonly { readonly collected_at: string }[];
    return sections[0]?.collected_at;
  };
  const told = await until("what it tells", memory);
  await agent.stop();
  backend.mode = "sealed";
  agent.start();
  await until(
    "no secrets",
    () => agent.logged.some(({ event }) => event === "secrets not fetched") || undefined,
  );
  await until("news of memory", async () => {
    const at = await memory();
    return at !== undefined && at > told ? true : undefined;
  });
  const bearer = (await readFile(w.home.localToken, "utf8")).trim();
  const ask = async (query: string) =>
    (
      await w.fetch("/api/v1/query", {
        method: "POST",
        headers: { authorization: `Bearer ${bearer}` },
        body: JSON.stringify({ targets: [hostname], query }),
      })
    ).text();
  expect(await ask("memory.total_mb")).toContain('"answered":1');
}, 60_000);
