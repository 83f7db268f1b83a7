import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type License, writeLicense } from "../../../src/core/license.ts";
import { newKeyPair, signingKey } from "../../../src/core/pki/keys.ts";
import { codeOf, envoyKey, makeWorld, messageOf, type World } from "./world.ts";

const vendor = newKeyPair();
const day = 86_400_000;
const at = (ms: number) => new Date(Date.now() + ms).toISOString();
const license = (more: Partial<License>, seed = vendor.seed) =>
  writeLicense({ id: "L1", customer: "ACME", issued: at(-day), ...more }, signingKey(seed));

let w: World;
let token: string;
beforeAll(async () => {
  w = await makeWorld("", vendor.publicKey);
  token = await w.token({ uses: 100 });
});
afterAll(() => w.stop());

const install = (text: string) => w.call("POST", "/license", { license: text });
const status = async () => (await w.call("GET", "/license")).body;
const alerted = async (kind: string) => {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const alerts = (await w.call("GET", "/alerts")).body["alerts"] as { kind: string }[];
    if (alerts.some((one) => one.kind === kind)) return;
    if (Date.now() > deadline) throw new Error(`nobody was told of ${kind}`);
    await Bun.sleep(50);
  }
};

test("without a file there is no limit", async () => {
  expect(await status()).toMatchObject({ state: "unlimited", envoys: 0 });
  expect((await w.enrol(token, "web-1")).status).toBe(200);
});

test("what the vendor did not sign is refused, and changes nothing", async () => {
  const good = license({ max_envoys: 5 });
  const [head, facts = "", signature] = good.split(".");
  const more = Buffer.from(Buffer.from(facts, "base64url").toString().replace("5", "9")).toString(
    "base64url",
  );
  for (const text of [
    "",
    "no licence",
    `${head}.${more}.${signature}`,
    license({ max_envoys: 5 }, newKeyPair().seed),
  ]) {
    const answer = await install(text);
    expect([text, answer.status, codeOf(answer)]).toEqual([text, 400, "invalid"]);
  }
  expect(await status()).toMatchObject({ state: "unlimited" });
});

test("a cap holds for newcomers only, and revoking one makes room", async () => {
  const key = envoyKey();
  expect((await install(license({ max_envoys: 2 }))).body).toMatchObject({ state: "valid" });
  expect((await stat(w.home.license)).mode & 0o777).toBe(0o600);
  expect((await w.enrol(token, "web-2", key)).status).toBe(200);
  const refused = await w.enrol(token, "web-3");
  expect([refused.status, messageOf(refused)]).toEqual([
    429,
    expect.stringContaining("the licence allows no more envoys (licence L1 of ACME: 2 envoys"),
  ]);
  expect((await w.enrol(token, "web-2", key)).status).toBe(200);
  await alerted("license.full");
  expect((await w.call("POST", "/envoys/web-1/revoke", {})).status).toBe(200);
  expect((await w.enrol(token, "web-3")).status).toBe(200);
  await w.restart();
  expect(await status()).toMatchObject({ state: "full", envoys: 2 });
});

test("one that ends is told of before, and then takes no newcomers", async () => {
  await install(license({ expires: at(10 * day) }));
  expect(await status()).toMatchObject({ state: "expiring" });
  await alerted("license.expiring");
  expect((await w.enrol(token, "web-4")).status).toBe(200);
  await install(license({ expires: at(-1000) }));
  expect(messageOf(await w.enrol(token, "web-5"))).toContain("the licence has expired");
  await alerted("license.expired");
  expect((await w.call("GET", "/envoys/web-4")).status).toBe(200);
});

test("a damaged file is said, stops no server, and takes no newcomers", async () => {
  await writeFile(w.home.license, "rubbish");
  await w.restart();
  expect(await status()).toMatchObject({ state: "unreadable" });
  expect(messageOf(await w.enrol(token, "web-6"))).toContain("the licence cannot be used");
});

test("what is done to the file by hand counts without a reload", async () => {
  await rm(w.home.license);
  expect(await status()).toMatchObject({ state: "unlimited" });
  expect((await w.enrol(token, "web-6")).status).toBe(200);
  const says = async () => {
    const { checks } = (await w.call("GET", "/doctor")).body;
    return (checks as { name: string; message: string }[]).find(({ name }) => name === "licence")
      ?.message;
  };
  await writeFile(w.home.license, license({ max_envoys: 1 }));
  expect(await says()).toContain("licence L1 of ACME: 1 envoys");
  await rm(w.home.license);
  await mkdir(w.home.license);
  expect(await says()).toContain("it is a folder");
  await rm(w.home.license, { recursive: true });
  expect(await status()).toMatchObject({ state: "unlimited" });
  // Nobody asks: newcomers find it all the same.
  await writeFile(w.home.license, "");
  const deadline = Date.now() + 20_000;
  const refused = async () =>
    messageOf(await w.enrol(token, `web-${Date.now()}`)).includes("the licence cannot be used");
  while (!(await refused())) {
    expect(Date.now()).toBeLessThan(deadline);
    await Bun.sleep(200);
  }
  await rm(w.home.license);
  await w.restart();
});

test("who installed one is in the audit log, and only an admin may", async () => {
  const { entries } = (await w.call("GET", "/audit?limit=1000")).body as {
    entries: { action: string; subject: string }[];
  };
  expect(entries).toContainEqual(
    expect.objectContaining({ action: "license.install", subject: "L1" }),
  );
  expect((await w.call("POST", "/license", { license: "x" }, "")).status).toBe(401);
  expect(await readFile(w.home.config, "utf8")).not.toContain("license");
});
