/** A real server and a real agent: what a secret does on its way, and where it must never be. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, lstat, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { traits } from "../../../src/core/traits/index.ts";
import { type World, world } from "../grpc/world.ts";
import { holds, type RealAgent, realAgent, settle } from "./real-agent.ts";

const first = "correct-horse-1 'battery' \"staple\"";
const second = "another-donkey-2 with=signs&more";
const other = "the-key-of-somebody-else";

let w: World;
let agent: RealAgent;
let envoyId: string;
const at = (name: string) => join(agent.room, name);
const bytes = (text: string) => new TextEncoder().encode(text);

const stacks = (extra = "") => ({
  "envoys.vgo": `
envoys:
  - { match: web-1, configcrates: [web], vars: { password: secret:web/db } }
  - { match: other, configcrates: [other] }
`,
  "configcrates/web.vgo": `
configcrate: web
resources:
  - { name: env, type: file, target_path: ${at("env")}, content: "user=web\\npassword=secret{web/db}\\nlast=line\\n" }
  - { name: json, type: file, target_path: ${at("json")}, content: "{{ vars.password | json }}", mode: "0640" }
  - { name: plain, type: file, target_path: ${at("plain")}, content: nothing }
  - { name: fails, type: exec, command: "echo {{ vars.password | shell_quote }} >&2; false", unless: test -e ${at("enough")} }
${extra}`,
  "configcrates/other.vgo": `
configcrate: other
resources:
  - { name: a, type: file, target_path: ${at("other")}, content: secret:other/key }
`,
});

beforeAll(async () => {
  w = await world({ traits });
  agent = await realAgent();
  await w.secrets.init();
  await w.secrets.set("web/db", bytes(first), 1);
  await w.secrets.set("other/key", bytes(other), 1);
  const enrolled = await w.enrol("web-1");
  envoyId = enrolled.row.id;
  await settle(w, agent, enrolled);
  await w.publish(stacks());
}, 30_000);
afterAll(async () => {
  await agent.remove();
  await w.close();
}, 30_000);

const outcomes = (report: Awaited<ReturnType<RealAgent["runOnce"]>>) =>
  Object.fromEntries(
    report.resources.map(({ key, outcome }) => [key.replace("web/", ""), outcome]),
  );
const of = (report: Awaited<ReturnType<RealAgent["runOnce"]>>, key: string) =>
  report.resources.find((one) => one.key === `web/${key}`);

/** Every byte of every file below a folder, names and links too. */
async function everything(folder: string): Promise<string> {
  let all = "";
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const info = await lstat(path);
    all += `${name}\n`;
    if (info.isSymbolicLink()) all += await readlink(path);
    else if (info.isDirectory()) all += await everything(path);
    else if (info.isFile()) all += await readFile(path, "latin1");
  }
  return all;
}

const spellings = (value: string) => [
  value,
  JSON.stringify(value).slice(1, -1),
  Buffer.from(value).toString("base64"),
  encodeURIComponent(value),
  value.replaceAll("'", `'\\''`),
  value.slice(0, 15),
];

/** In the agent's own folder, the server's home, and everything that either logged. */
async function told(report?: unknown): Promise<readonly string[]> {
  const all = [
    await everything(agent.home),
    await everything(w.home),
    JSON.stringify(agent.logged),
    w.logged.join("\n"),
    JSON.stringify(report ?? ""),
  ].join("\n");
  return [first, second, other].flatMap(spellings).filter((text) => all.includes(text));
}

describe("a secret", () => {
  test("arrives in files for their owner alone, and nowhere else", async () => {
    const report = await agent.runOnce();
    expect(await readFile(at("env"), "utf8")).toBe(`user=web\npassword=${first}\nlast=line\n`);
    expect(await readFile(at("json"), "utf8")).toBe(JSON.stringify(first));
    expect((await stat(at("env"))).mode & 0o777).toBe(0o600);
    expect((await stat(at("json"))).mode & 0o777).toBe(0o640);
    expect((await stat(at("plain"))).mode & 0o777).toBe(0o644);
    expect(outcomes(report)).toEqual({
      env: "changed",
      json: "changed",
      plain: "changed",
      fails: "failed",
    });
    expect(of(report, "env")?.changes).toContainEqual({
      field: "content",
      from: undefined,
      to: `(sensitive, ${Buffer.byteLength(`user=web\npassword=${first}\nlast=line\n`)} bytes)`,
      cause: "intent",
    });
    expect(await told(report)).toEqual([]);
    // The search finds what is there: both keep the name of the secret.
    expect(await everything(agent.home)).toContain("web/db");
    expect(await everything(w.home)).toContain("web/db");
    const runs = await w.store.runs.newest(5);
    expect(runs.length).toBe(1);
    await writeFile(at("enough"), "");
  });

  test("is fetched again by the next process, and changes nothing then", async () => {
    const report = await agent.runOnce();
    expect(outcomes(report)).toEqual({ env: "ok", json: "ok", plain: "ok", fails: "ok" });
  });

  test("with a new value changes exactly those who use it", async () => {
    await w.secrets.set("web/db", bytes(second), 2);
    const report = await agent.runOnce();
    expect(outcomes(report)).toEqual({ env: "changed", json: "changed", plain: "ok", fails: "ok" });
    expect(of(report, "env")?.changes[0]).toMatchObject({ cause: "intent" });
    expect(of(report, "env")?.changes[0]?.diff).toBeUndefined();
    expect(await readFile(at("json"), "utf8")).toBe(JSON.stringify(second));
    expect(await told(report)).toEqual([]);
  });

  test("among more secrets is still the same", async () => {
    await w.secrets.set("aaa/first", bytes("one-more-secret"), 3);
    const more = `  - { name: more, type: file, target_path: ${at("more")}, content: secret:aaa/first }\n`;
    await w.publish(stacks(more));
    const others = { env: "ok", json: "ok", plain: "ok", fails: "ok" } as const;
    expect(outcomes(await agent.runOnce())).toEqual({ ...others, more: "changed" });
    await writeFile(at("env"), "drifted\n");
    expect(of(await agent.runOnce(), "env")?.changes[0]).toMatchObject({ cause: "drift" });
    await w.publish(stacks());
    await agent.runOnce();
  });

  test("out of reach: what is unchanged is ok, what was touched is blocked and left alone", async () => {
    const quiet = await agent.runOnce({ offline: true });
    expect(outcomes(quiet)).toEqual({ env: "ok", json: "ok", plain: "ok", fails: "blocked" });
    await writeFile(at("env"), "broken by hand\n");
    await chmod(at("json"), 0o666);
    const report = await agent.runOnce({ offline: true });
    expect(of(report, "env")).toMatchObject({
      outcome: "blocked",
      reason: "needs secret web/db, server unreachable",
    });
    expect(await readFile(at("env"), "utf8")).toBe("broken by hand\n");
    expect(of(report, "json")).toMatchObject({ outcome: "changed" });
    expect((await stat(at("json"))).mode & 0o777).toBe(0o640);
    expect(await told(report)).toEqual([]);
  });

  test("within reach again, what was touched is mended as drift", async () => {
    const report = await agent.runOnce();
    expect(of(report, "env")?.changes[0]).toMatchObject({ field: "content", cause: "drift" });
    expect(await readFile(at("env"), "utf8")).toContain(second);
    expect(await told(report)).toEqual([]);
  });

  test("is asked for by a daemon before its first run", async () => {
    await writeFile(at("env"), "broken again\n");
    const before = agent.logged.length;
    agent.start();
    await holds(at("env"), `user=web\npassword=${second}\nlast=line\n`);
    await agent.stop();
    expect(JSON.stringify(agent.logged.slice(before))).not.toContain("needs secret");
    expect(await told()).toEqual([]);
  });

  test("leaves no copy when the policy does without it", async () => {
    const without = stacks();
    await w.publish({
      ...without,
      "configcrates/web.vgo": without["configcrates/web.vgo"]
        .replace("secret{web/db}", "gone")
        .replace("name: json", "name: renamed")
        .replace("{{ vars.password | json }}", "gone too"),
    });
    const report = await agent.runOnce();
    for (const key of ["env", "renamed"]) {
      expect(of(report, key)).toMatchObject({ outcome: "changed" });
      expect(of(report, key)?.changes[0]?.diff).toBeUndefined();
    }
    expect(await told(report)).toEqual([]);
  });

  test("that was deleted blocks its users and says so", async () => {
    await w.publish(stacks());
    await w.secrets.delete("web/db");
    await rm(at("json"), { force: true });
    const report = await agent.runOnce();
    expect(of(report, "json")).toMatchObject({
      outcome: "blocked",
      reason: "needs secret web/db, which the server does not have",
    });
  });

  test("of another envoy is refused, and that is audited", async () => {
    const stranger = await w.enrol("other");
    const { connectLink } = await import("../../../src/modes/agent/link.ts");
    const link = connectLink(stranger.identity);
    const body = w.fleet.get(envoyId)?.intended?.digest ?? new Uint8Array();
    expect(
      await link.resolveSecrets({ refs: [0], bodyDigest: body }).then(
        () => "given",
        (error: { readonly failure: string }) => error.failure,
      ),
    ).toBe("denied");
    link.close();
    const [entry] = await w.store.audit.page(1);
    expect(entry).toMatchObject({ action: "secret.refused", subject: stranger.row.id });
  });
});
