import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { VigoError } from "../../../src/core/errors.ts";
import { connectLink, type Link } from "../../../src/modes/agent/link.ts";
import { failure } from "./failure.ts";
import { type Enrolled, type World, world } from "./world.ts";

let w: World;
const bytes = (text: string) => new TextEncoder().encode(text);
const failureOf = async (work: Promise<unknown>) => ((await failure(work)) as VigoError).failure;
const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);

const file = (crate: string, content: string) => `
configcrate: ${crate}
resources:
  - { name: text, type: file, target_path: /tmp/vigo-secret-${crate}, content: "${content}" }
`;
const stacks = {
  "envoys.vgo": `
envoys:
  - { match: "web*", configcrates: [web] }
  - { match: "db*", configcrates: [db] }
  - { match: "*", configcrates: [plain] }
`,
  "configcrates/web.vgo": file("web", "secret:web/key secret{web/key} secret{shared}"),
  "configcrates/db.vgo": file("db", "secret{db/key} secret{shared}"),
  "configcrates/plain.vgo": file("plain", "nothing"),
};

class Agent {
  readonly link: Link;
  version = 0n;
  digest: Uint8Array<ArrayBufferLike> = new Uint8Array();
  hash = "";
  constructor(readonly envoy: Enrolled) {
    this.link = connectLink(envoy.identity);
  }

  async checkIn() {
    const { row } = this.envoy;
    const answer = await this.link.checkIn({
      hostname: row.hostname,
      bootId: `boot-of-${row.hostname}`,
      machineId: row.machineId,
      policyVersion: this.version,
      bodyDigest: this.digest,
      sections: [{ name: "kept", value: bytes('{"word":"x"}'), collectedAtMs: 1n }],
    });
    const { intended } = w.fleet.get(row.id) ?? {};
    if (answer.ticket !== undefined && intended !== undefined) this.digest = intended.digest;
    this.hash = Buffer.from(answer.secretsHash).toString("hex");
    return answer;
  }

  resolve = (refs: number[], bodyDigest = this.digest) =>
    this.link.resolveSecrets({ refs, bodyDigest });
}

let web: Agent;
let db: Agent;
let plain: Agent;

beforeAll(async () => {
  w = await world();
  await w.secrets.init();
  await w.secrets.set("web/key", bytes("key of web"), 1);
  await w.secrets.set("db/key", bytes("key of db"), 1);
  await w.secrets.set("shared", bytes("shared by both"), 1);
  await w.publish(stacks);
  const agents = await Promise.all(["web-1", "db-1", "plain"].map((name) => w.enrol(name)));
  [web, db, plain] = agents.map((envoy) => new Agent(envoy)) as [Agent, Agent, Agent];
  for (const agent of [web, db, plain]) await agent.checkIn();
});
afterAll(async () => {
  for (const { link } of [web, db, plain]) link.close();
  await w.close();
});

const refused = async () =>
  (await w.store.audit.page(100)).filter((e) => e.action === "secret.refused");

describe("an envoy", () => {
  test("gets the values that its own bundle names, with their versions", async () => {
    const { values, secretsHash } = await web.resolve([0, 1]);
    expect(values.map(({ ref, value }) => [ref, text(value)])).toEqual([
      [0, "shared by both"],
      [1, "key of web"],
    ]);
    expect(values[1]?.version).toMatch(/^1-[0-9a-f]{16}$/);
    expect(Buffer.from(secretsHash).toString("hex")).toBe(web.hash);
    expect(await refused()).toEqual([]);
  });

  test("gets no other, and that is audited, once a minute", async () => {
    for (const attempt of [
      () => web.resolve([2]),
      () => web.resolve([0], db.digest),
      () => web.resolve([0], new Uint8Array()),
    ])
      expect(await failureOf(attempt())).toBe("denied");
    expect(await failureOf(plain.resolve([0]))).toBe("denied");
    expect(await failureOf(plain.resolve([1], web.digest))).toBe("denied");
    expect((await refused()).map(({ subject }) => subject).sort()).toEqual(
      [web.envoy.row.id, plain.envoy.row.id].sort(),
    );
    expect(w.logged.some((line) => line.startsWith("secrets refused"))).toBe(true);
    expect(w.logged.join()).not.toContain("key of");
  });

  test("that names none has no hash", () => expect(plain.hash).toBe(""));
});

describe("a new value", () => {
  test("moves the hash of its users, and of nobody else", async () => {
    const before = [web.hash, db.hash];
    await w.secrets.set("web/key", bytes("a new key of web"), 2);
    await web.checkIn();
    await db.checkIn();
    expect(web.hash).not.toBe(before[0] ?? "");
    expect(db.hash).toBe(before[1] ?? "");
    expect(text((await web.resolve([1])).values[0]?.value)).toBe("a new key of web");
  });

  test("dirties its users alone", async () => {
    const isSettled = (agent: Agent) => {
      const envoy = w.fleet.get(agent.envoy.row.id);
      return envoy !== undefined && w.policy.isSettled(envoy);
    };
    expect([web, db, plain].map(isSettled)).toEqual([true, true, true]);
    await w.secrets.set("db/key", bytes("a new key of db"), 3);
    expect([web, db, plain].map(isSettled)).toEqual([true, false, true]);
    await db.checkIn();
    await w.secrets.set("shared", bytes("shared again"), 4);
    expect([web, db, plain].map(isSettled)).toEqual([false, false, true]);
  });

  test("a deleted one is left out of the answer, and moves the hash", async () => {
    await web.checkIn();
    const before = web.hash;
    await w.secrets.delete("shared");
    await web.checkIn();
    expect(web.hash).not.toBe(before);
    expect((await web.resolve([0, 1])).values.map(({ ref }) => ref)).toEqual([1]);
  });
});
