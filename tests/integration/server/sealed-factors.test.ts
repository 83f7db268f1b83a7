/** The database never holds the secret of a second factor, whoever wrote it; and who lost the key can still be helped. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { codeAt, fromBase32, stepAt } from "../../../src/core/totp.ts";
import { makeWorld, messageOf, type World } from "./world.ts";

const password = "a password that is long enough";
let w: World;
beforeAll(async () => {
  w = await makeWorld();
});
afterAll(() => w.stop());

const code = (secret: string, off = 0) => codeAt(fromBase32(secret), stepAt(Date.now()) + off);
const login = (name: string, more: object = {}) =>
  w.call("POST", "/login", { name, password, ...more }, "");

async function withFactor(name: string): Promise<{ secret: string; recovery: string }> {
  await w.call("POST", "/users", { name, role: "viewer", password });
  const token = String((await login(name)).body["token"]);
  const secret = String((await w.call("POST", "/me/totp", { password }, token)).body["secret"]);
  const done = await w.call("POST", "/me/totp/confirm", { code: code(secret, -1) }, token);
  const [recovery = ""] = done.body["recovery_codes"] as string[];
  return { secret, recovery };
}

/** Everything that is kept, as bytes. */
async function kept(): Promise<string> {
  const folder = dirname(w.home.database);
  const files = await readdir(folder);
  const texts = files.map((name) => readFile(join(folder, name), "latin1"));
  return (await Promise.all(texts)).join("");
}

test("neither the database nor its journal has it", async () => {
  const { secret } = await withFactor("ada");
  expect(await kept()).not.toContain(secret);
  expect((await login("ada", { code: code(secret) })).status).toBe(200);
  expect((await stat(w.home.factorKey)).mode & 0o777).toBe(0o600);
});

test("what an earlier version wrote in clear goes on, and is encrypted at the next start", async () => {
  const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
  await withFactor("bob");
  const database = new Database(w.home.database);
  const clear = JSON.stringify({ secret, confirmedAt: 1, lastStep: 0, recovery: [] });
  database.run("UPDATE users SET totp = ? WHERE name = 'bob'", [clear]);
  database.close();
  expect((await login("bob", { code: code(secret) })).status).toBe(200);
  await w.restart();
  expect(await kept()).not.toContain(secret);
  expect((await login("bob", { code: code(secret, 1) })).status).toBe(200);
});

test("the secret of one user is of no use to another", async () => {
  const { secret } = await withFactor("cleo");
  await withFactor("dan");
  const database = new Database(w.home.database);
  database.run(
    "UPDATE users SET totp = (SELECT totp FROM users WHERE name = 'cleo') WHERE name = 'dan'",
  );
  database.close();
  const answer = await login("dan", { code: code(secret) });
  expect([answer.status, messageOf(answer)]).toEqual([
    422,
    "the key of second factors is another than this user's",
  ]);
});

test("without its key no code is right, but recovery codes and admins still help", async () => {
  const { secret, recovery } = await withFactor("eve");
  await rm(w.home.factorKey);
  await w.restart();
  expect((await login("eve", { code: code(secret) })).status).toBe(422);
  expect((await login("eve", { code: recovery })).status).toBe(200);
  expect((await w.call("GET", "/users")).status).toBe(200);
  await w.call("POST", "/users/eve/totp/reset");
  expect((await login("eve")).status).toBe(200);
});
