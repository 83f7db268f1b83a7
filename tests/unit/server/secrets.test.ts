import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VigoError } from "../../../src/core/errors.ts";
import { secretFileName, secretPathOf } from "../../../src/core/secret-path.ts";
import { decrypt, encrypt } from "../../../src/modes/server/secrets/cipher.ts";
import { Secrets } from "../../../src/modes/server/secrets/secrets.ts";
import vectors from "../../vectors/wycheproof/aes_gcm_test.json";

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (plain: Uint8Array | undefined) => plain && Buffer.from(plain).toString("hex");

describe("AES-256-GCM on Wycheproof's vectors", () => {
  const ours = vectors.testGroups
    .filter(({ ivSize, keySize, tagSize }) => ivSize === 96 && keySize === 256 && tagSize === 128)
    .flatMap(({ tests }) => tests);
  test("there are some of either kind", () => {
    expect(new Set(ours.map(({ result }) => result))).toEqual(new Set(["valid", "invalid"]));
  });
  test.each(ours.map((one) => [`${one.tcId} ${one.comment}`, one] as const))("%s", (_, one) => {
    const sealed = { nonce: bytes(one.iv), ciphertext: bytes(one.ct), tag: bytes(one.tag) };
    const plain = decrypt(bytes(one.key), sealed, bytes(one.aad));
    expect(hex(plain)).toBe(one.result === "valid" ? one.msg : undefined);
    if (one.result !== "valid") return;
    const made = encrypt(bytes(one.key), bytes(one.msg), bytes(one.aad), bytes(one.iv));
    expect([hex(made.ciphertext), hex(made.tag)]).toEqual([one.ct, one.tag]);
  });
});

let home: string;
const folder = () => join(home, "secrets");
const key = () => join(home, "master.key");
const text = (plain: Uint8Array) => new TextDecoder().decode(plain);
const value = (plain: string) => new TextEncoder().encode(plain);
const damaged: string[] = [];
const open = () => Secrets.open(folder(), key(), ({ message }) => void damaged.push(message));
const failure = (work: Promise<unknown>) =>
  work.then(
    () => "nothing",
    (error: VigoError) => error.failure,
  );

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "vigo-secrets-"));
  damaged.length = 0;
});
afterEach(() => rm(home, { recursive: true }));

describe("secrets in files", () => {
  test("are set, read again after a restart, counted up, deleted", async () => {
    const first = await open();
    expect(await failure(first.set("web/db", value("one"), 1))).toBe("failed");
    await first.init();
    expect(await failure(first.init())).toBe("conflict");
    const one = await first.set("web/db", value("hunter2-one"), 1);
    const two = await first.set("web/db", value("hunter2-two"), 2);
    expect([one.version, two.version]).toEqual([1, 2]);
    expect(one.edition).not.toBe(two.edition);
    const second = await open();
    expect(text((await second.get("web/db")).value)).toBe("hunter2-two");
    expect(second.about("web/db")).toEqual(two);
    await second.delete("web/db");
    expect(await failure(second.get("web/db"))).toBe("missing");
    expect(await failure(second.delete("web/db"))).toBe("missing");
    expect((await open()).list()).toEqual([]);
  });

  test("are for the owner alone, and neither the value nor a part of it is in the file", async () => {
    const secrets = await open();
    await secrets.init();
    await secrets.set("a", value("correct horse battery staple"), 1);
    for (const file of [key(), join(folder(), "a.secret")])
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder(), "a.secret"), "utf8")).not.toContain("horse");
    expect(await readdir(folder())).toEqual(["a.secret"]);
  });

  test("a file that was moved, changed or brought back is refused", async () => {
    const secrets = await open();
    await secrets.init();
    await secrets.set("a", value("value of a"), 1);
    const old = await readFile(join(folder(), "a.secret"), "utf8");
    await secrets.set("b", value("value of b"), 1);
    await rename(join(folder(), "b.secret"), join(folder(), "a.secret"));
    expect(await failure(secrets.get("a"))).toBe("failed");
    await writeFile(join(folder(), "a.secret"), old.replace('"version":1', '"version":7'));
    expect(await failure(secrets.get("a"))).toBe("failed");
    await writeFile(join(folder(), "a.secret"), "{");
    expect(await failure(secrets.get("a"))).toBe("failed");
    const again = await open();
    expect(again.list()).toEqual([]);
    expect(damaged).toEqual(["secret a cannot be read: its file is damaged"]);
  });

  test("survive a rotation, also one that was cut in the middle", async () => {
    const secrets = await open();
    const before = await secrets.init();
    for (const path of ["a", "b/c", "d"]) await secrets.set(path, value(`value of ${path}`), 1);
    const files = await Promise.all(
      (await readdir(folder())).map(async (name) => [name, await readFile(join(folder(), name))]),
    );
    const keys = await readFile(key(), "utf8");
    const done = await secrets.rotate();
    expect(done.secrets).toBe(3);
    expect(done.key).not.toBe(before);
    expect(text((await (await open()).get("b/c")).value)).toBe("value of b/c");
    expect(secrets.about("a")?.version).toBe(1);
    expect(await readFile(key(), "utf8")).not.toContain(before);
    // As after a kill between two files: both keys in the key file, one secret still of the former.
    const now = JSON.parse(await readFile(key(), "utf8"));
    const both = { ...now, keys: { ...now.keys, ...JSON.parse(keys).keys } };
    await writeFile(key(), JSON.stringify(both));
    const [name = "", content = ""] = files[0] as [string, Buffer];
    await writeFile(join(folder(), String(name)), content);
    const cut = await open();
    expect(text((await cut.get("a")).value)).toBe("value of a");
    await cut.rotate();
    expect(text((await (await open()).get("a")).value)).toBe("value of a");
  });

  test("a listener hears of what changed, and the generation moves", async () => {
    const secrets = await open();
    const heard: string[] = [];
    secrets.onChange((path) => heard.push(path));
    await secrets.init();
    await secrets.set("a", value("value"), 1);
    await secrets.delete("a");
    expect(heard).toEqual(["a", "a"]);
    expect(secrets.generation).toBe(2);
  });

  test.each([
    ["web/db", "web:db.secret"],
    ["a/../b", "a:..:b.secret"],
    ["_x-1.y", "_x-1.y.secret"],
  ])("%s is kept in %s", (path, name) => {
    expect(secretFileName(path)).toBe(name);
    expect(secretPathOf(name)).toBe(path);
  });
  test.each([".hidden.secret", "a", "..:a.secret", "-a.secret", `${"a".repeat(201)}.secret`])(
    "%s is no secret's file",
    (name) => expect(secretPathOf(name)).toBeUndefined(),
  );
});
