/** The secrets of a real server, through its API and through the command line. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { codeOf, makeWorld, messageOf, type World } from "./world.ts";

const main = resolve(import.meta.dir, "../../../src/main.ts");
const value = "a value nobody may see";
let w: World;
beforeAll(async () => {
  w = await makeWorld();
}, 20_000);
afterAll(() => w.stop());

const base64 = (text: string) => Buffer.from(text).toString("base64");
const set = (path: string, text: string) =>
  w.call("POST", "/secrets/set", { path, value_base64: base64(text) });
const get = (path: string) => w.call("POST", "/secrets/get", { path });
const audited = async () =>
  ((await w.call("GET", "/audit?limit=50")).body["entries"] as Record<string, unknown>[])
    .filter(({ action }) => String(action).startsWith("secret."))
    .map(({ action, subject }) => `${action} ${subject}`);

describe("the API", () => {
  test("sets nothing before there is a master key, and makes one", async () => {
    const early = await set("web/db", value);
    expect([codeOf(early), messageOf(early)]).toEqual(["failed", "there is no master key yet"]);
    // Nobody shall read that it was set.
    expect(await audited()).toEqual([]);
    expect((await w.call("POST", "/secrets/init")).status).toBe(200);
    expect(codeOf(await w.call("POST", "/secrets/init"))).toBe("conflict");
  });

  test("sets, shows, lists, counts up", async () => {
    expect((await set("web/db", value)).body).toMatchObject({ version: 1, short: false });
    expect((await set("web/db", `${value} 2`)).body).toMatchObject({ version: 2 });
    expect((await set("pin", "1234")).body).toMatchObject({ version: 1, short: true });
    expect((await get("web/db")).body).toMatchObject({ value_base64: base64(`${value} 2`) });
    const { body } = await w.call("GET", "/secrets");
    expect(body["secrets"]).toMatchObject([
      { path: "pin", version: 1 },
      { path: "web/db", version: 2 },
    ]);
    expect(JSON.stringify(body)).not.toContain(base64(value).slice(0, 12));
  });

  test.each(["", "/x", "a b", "../etc", `${"a".repeat(201)}`, "a:b"])(
    "refuses the path %p",
    async (path) => expect(codeOf(await set(path, value))).toBe("invalid"),
  );

  test("refuses what is empty, too large, or no text", async () => {
    expect(codeOf(await set("x", ""))).toBe("invalid");
    expect(codeOf(await set("x", "x".repeat(65_537)))).toBe("invalid");
    const bytes = Buffer.from([0xff, 0xfe]).toString("base64");
    const answer = await w.call("POST", "/secrets/set", { path: "x", value_base64: bytes });
    expect(messageOf(answer)).toBe("a secret is text in UTF-8");
    const odd = await w.call("POST", "/secrets/set", { path: "x", value_base64: "§" });
    expect(codeOf(odd)).toBe("invalid");
  });

  test("survives a restart and a rotation, and deletes", async () => {
    await w.restart();
    expect((await w.call("POST", "/secrets/rotate")).body).toMatchObject({ secrets: 2 });
    await w.restart();
    expect((await get("web/db")).body).toMatchObject({ value_base64: base64(`${value} 2`) });
    expect((await w.call("POST", "/secrets/delete", { path: "pin" })).status).toBe(200);
    expect(codeOf(await get("pin"))).toBe("missing");
  }, 20_000);

  test("leaves a trace of each act, and nowhere a value", async () => {
    const acts = await audited();
    for (const act of ["secret.set web/db", "secret.get web/db", "secret.delete pin"])
      expect(acts).toContain(act);
    const database = await readFile(w.home.database, "latin1");
    for (const text of [w.log.join("\n"), database, await readFile(w.home.secretsKey, "utf8")]) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(base64(value).slice(0, 20));
    }
  });
});

describe("the command line", () => {
  const vigo = async (words: readonly string[], stdin = "") => {
    const child = Bun.spawn([process.execPath, main, "cli", ...words, "--home", w.home.folder], {
      stdin: new TextEncoder().encode(stdin),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, out, err };
  };

  test("takes a value from standard input, without its last line end, and warns of short ones", async () => {
    const done = await vigo(["secrets", "set", "mail/password"], "from a pipe\n");
    expect(done).toMatchObject({ code: 0, err: "" });
    expect(done.out).not.toContain("from a pipe");
    expect((await vigo(["secrets", "get", "mail/password"])).out).toBe("from a pipe\n");
    const short = await vigo(["secrets", "set", "short"], "12345");
    expect(short.code).toBe(0);
    expect(short.err).toContain("shorter than 6 letters");
    expect((await vigo(["secrets", "set", "short"], "\n")).code).toBe(2);
    expect((await vigo(["secrets", "list"])).out).toContain("mail/password");
    expect((await vigo(["secrets", "delete", "nowhere"])).code).toBe(4);
  }, 30_000);

  test("publishes nothing that names a secret nobody has, with the server down too", async () => {
    await mkdir(join(w.home.stacks, "configcrates"), { recursive: true });
    const crate = (path: string) =>
      `configcrate: mail\nresources:\n  - { name: a, type: file, target_path: /a, content: secret:${path} }\n`;
    const file = join(w.home.stacks, "configcrates", "mail.vgo");
    await writeFile(file, crate("mail/pasword"));
    const bad = await vigo(["config", "validate"]);
    expect(bad.code).toBe(1);
    expect(bad.out).toContain("VG804");
    expect(bad.out).toContain("did you mean mail/password?");
    await w.running().close();
    expect((await vigo(["config", "validate"])).out).toContain("VG804");
    await writeFile(file, crate("mail/password"));
    expect((await vigo(["config", "validate"])).code).toBe(0);
  }, 30_000);
});
