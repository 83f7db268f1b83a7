/** Proofs that are worth nothing any more, or never were: each is refused, though all else about it is right. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { hashOf, newSecret } from "../../src/modes/server/secret.ts";
import { makeWorld, type World } from "../integration/server/world.ts";

const password = "a password that is long enough";
let w: World;
beforeAll(async () => {
  w = await makeWorld();
});
afterAll(() => w.stop());

/** A user with a token of its own, which works. */
async function someone(name: string): Promise<{ readonly token: string; readonly id: string }> {
  await w.call("POST", "/users", { name, role: "viewer", password });
  const { body } = await w.call("POST", "/login", { name, password });
  const token = String(body["token"]);
  expect((await statusOf(token)).status).toBe(200);
  return { token, id: token.split("_")[1] ?? "" };
}
const statusOf = (token: string) => w.call("GET", "/me", undefined, token);

describe("a token", () => {
  test("with a secret that is another's, or nearly right", async () => {
    const [ada, bob] = [await someone("ada"), await someone("bob")];
    const [, , own = ""] = ada.token.split("_");
    const other = bob.token.split("_")[2] ?? "";
    const near = own.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    for (const secret of [other, near, own.toUpperCase(), newSecret(), hashOf(own).slice(0, 48)])
      if (secret !== own) expect((await statusOf(`vgot_${ada.id}_${secret}`)).status).toBe(401);
  });

  test("whose hash somebody has read from the database", async () => {
    const { id } = await someone("carl");
    const db = new Database(w.home.database, { readonly: true });
    const rows = db.query("select * from api_tokens").all() as Record<string, unknown>[];
    db.close();
    const row = rows.find((one) => Object.values(one).includes(id)) ?? {};
    const hash = Object.values(row).find((one) => /^[0-9a-f]{64}$/.test(String(one)));
    expect(hash).toBeString();
    for (const given of [String(hash), String(hash).slice(0, 48), String(hash).slice(-48)])
      expect((await statusOf(`vgot_${id}_${given}`)).status).toBe(401);
  });

  test("that was withdrawn", async () => {
    const { token } = await someone("dora");
    expect((await w.call("POST", "/logout", undefined, token)).status).toBe(200);
    expect((await statusOf(token)).status).toBe(401);
  });

  test("of a user that is disabled", async () => {
    const { token } = await someone("eve");
    await w.call("POST", "/users/eve/disable");
    expect((await statusOf(token)).status).toBe(401);
    // Also where the token itself is as it was.
    const other = await someone("hal");
    const db = new Database(w.home.database);
    db.run("update users set disabled_at = 1 where name = 'hal'");
    db.close();
    expect((await statusOf(other.token)).status).toBe(401);
  });

  test("has the role that its owner has now", async () => {
    await someone("finn");
    await w.call("POST", "/users/finn/role", { role: "operator" });
    const { body } = await w.call("POST", "/login", { name: "finn", password });
    const token = String(body["token"]);
    const invites = () => w.call("POST", "/tokens", {}, token);
    expect((await invites()).status).toBe(200);
    await w.call("POST", "/users/finn/role", { role: "compliance" });
    expect((await invites()).status).toBe(403);
  });
});

test("nobody gives others a right that it does not have itself", async () => {
  const { token } = await someone("gus");
  for (const [path, body] of [
    ["/users", { name: "mine", role: "admin", password }],
    ["/users/gus/role", { role: "admin" }],
    ["/users/admin/password", {}],
    ["/users/ada/totp/reset", undefined],
    ["/api-tokens", { label: "x", user: "admin" }],
  ] as const)
    expect([path, (await w.call("POST", path, body, token)).status]).toEqual([path, 403]);
  expect((await w.call("GET", "/users")).body["users"]).not.toContainEqual(
    expect.objectContaining({ name: "mine" }),
  );
});
