import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openBundle } from "../../../src/core/bundle/open.ts";
import { keyId, verifyKey } from "../../../src/core/pki/keys.ts";
import type { CheckInResponse } from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { sectionHash, traitsRoot } from "../../../src/core/wire/traits-root.ts";
import { connectLink, type Link } from "../../../src/modes/agent/link.ts";
import { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import { LivePolicy } from "../../../src/modes/server/policy/live.ts";
import type { EnvoySeen } from "../../../src/modes/server/store/store.ts";
import { sizeOf, StockClient } from "./stock-client.ts";
import { failure } from "./failure.ts";
import { type Enrolled, type World, world } from "./world.ts";

const stacks = (more: Readonly<Record<string, string>> = {}) => ({
  "envoys.vgo": `
envoys:
  - {match: "web*", configcrates: [motd]}
  - {match: "picky*", configcrates: [picky]}
  - {match: "trait*", configcrates: [told]}
`,
  "configcrates/motd.vgo": file("motd", "hello"),
  "configcrates/picky.vgo": file("picky", "x", 'mode: "{{ traits.kept.word }}"'),
  "configcrates/told.vgo": file("told", "{{ traits.kept.word }}"),
  ...more,
});

const file = (crate: string, content: string, more = "mode: 0644") => `
configcrate: ${crate}
resources:
  - name: text
    type: file
    target_path: /tmp/vigo-test-${crate}
    content: "${content}"
    ${more}
`;

/** An agent that does nothing but remember what it was given. */
class Agent {
  readonly envoy: Enrolled;
  readonly #link: Link;
  readonly #w: World;
  words: Record<string, string>;
  version = 0n;
  digest: Uint8Array = new Uint8Array();

  constructor(w: World, envoy: Enrolled, words: Record<string, string> = { kept: "x" }) {
    this.#w = w;
    this.envoy = envoy;
    this.words = words;
    this.#link = connectLink(envoy.identity);
  }

  static async enrolled(w: World, hostname: string, words?: Record<string, string>) {
    return new Agent(w, await w.enrol(hostname), words);
  }

  /** Obeys what it gets; sends the sections that are named. */
  async checkIn(...send: readonly string[]): Promise<CheckInResponse> {
    const value = (name: string) =>
      Buffer.from(name in this.words ? JSON.stringify({ word: this.words[name] }) : "null");
    const sections = send.map((name) => ({ name, value: value(name), collectedAtMs: 5n }));
    const answer = await this.#link.checkIn({
      agentVersion: "1",
      machineId: this.envoy.row.machineId,
      bootId: "boot",
      policyVersion: this.version,
      bodyDigest: this.digest,
      traitsRoot: traitsRoot([["kept", sectionHash(value("kept"))]]),
      sections,
    });
    if (answer.ticket === undefined) return answer;
    const trust = {
      envoyId: this.envoy.row.id,
      keys: new Map([[keyId(this.#w.signing.publicKey), verifyKey(this.#w.signing.publicKey)]]),
      floor: { policyVersion: this.version, issuedAtMs: 0n },
      now: new Date(this.#w.clock.now),
    };
    const body =
      answer.body.length > 0 ? answer.body : (bodies.get(hex(this.digest)) as Uint8Array);
    const { ticket } = openBundle(answer.ticket, body, trust);
    bodies.set(hex(ticket.bodyDigest), body);
    this.version = ticket.policyVersion;
    this.digest = ticket.bodyDigest;
    return answer;
  }

  /** Until there is nothing more to say. */
  async settle(): Promise<void> {
    const { sectionsWanted } = await this.checkIn();
    await this.checkIn(...sectionsWanted);
  }

  get body(): string {
    return Buffer.from(bodies.get(hex(this.digest)) ?? []).toString();
  }

  close() {
    this.#link.close();
  }
}

const bodies = new Map<string, Uint8Array>();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const brief = ({ ticket, body, sectionsWanted, nextMs }: CheckInResponse) => ({
  ticket: ticket !== undefined,
  body: body.length > 0,
  sectionsWanted,
  nextMs,
});
const nothing = { ticket: false, body: false, sectionsWanted: [], nextMs: 300_000 };

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

test("before the first publish nobody gets a bundle", async () => {
  const agent = await Agent.enrolled(w, "web-0");
  await agent.settle();
  expect(brief(await agent.checkIn())).toEqual(nothing);
  agent.close();
});

test("how to spread calls, and how often volatile traits travel, is in every answer", async () => {
  const paced = await world({ pace: () => ({ splayPermille: 250, volatileMs: 60_000 }) });
  try {
    const agent = await Agent.enrolled(paced, "web-p");
    expect(await agent.checkIn()).toMatchObject({ splayPermille: 250, volatileMs: 60_000 });
    agent.close();
  } finally {
    await paced.close();
  }
});

describe("with a policy", () => {
  let published = 0;
  beforeEach(async () => {
    w.clock.now += 1_000;
    await w.publish(stacks({ "configcrates/other.vgo": file("other", `edition ${published++}`) }));
  });

  test("a newcomer is asked for its traits first, then gets its bundle once", async () => {
    const agent = await Agent.enrolled(w, "web-1");
    expect(brief(await agent.checkIn())).toEqual({
      ...nothing,
      sectionsWanted: ["kept"],
      nextMs: 1_000,
    });
    expect(brief(await agent.checkIn("kept"))).toEqual({ ...nothing, ticket: true, body: true });
    expect(agent.body).toContain("hello");
    expect(brief(await agent.checkIn())).toEqual(nothing);
    agent.close();
  });

  test("one that sends its traits unasked gets its bundle at once", async () => {
    const agent = await Agent.enrolled(w, "web-2");
    expect(brief(await agent.checkIn("kept"))).toMatchObject({ ticket: true, body: true });
    agent.close();
  });

  test("no change is told in under 100 bytes, without the store", async () => {
    const agent = await Agent.enrolled(w, "web-3");
    await agent.settle();
    const client = new StockClient(agent.envoy.identity);
    w.guard.forbidden = true;
    const { code, response } = await client.call("CheckIn", "CheckIn", {
      machineId: agent.envoy.row.machineId,
      policyVersion: String(agent.version),
      bodyDigest: agent.digest,
      openSpan: { first: "1", last: "7", firstAtMs: "1", lastAtMs: "7" },
    });
    w.guard.forbidden = false;
    client.close();
    expect([code, response.ticket]).toEqual([0, null]);
    expect(sizeOf(response)).toBeLessThan(100);
    agent.close();
  });

  test("envoys that resolve identically share one body", async () => {
    const [a, b] = [await Agent.enrolled(w, "web-4"), await Agent.enrolled(w, "web-5")];
    await a.settle();
    await b.settle();
    const intended = (agent: Agent) => w.fleet.get(agent.envoy.row.id)?.intended;
    expect(intended(a)).toBeDefined();
    expect(intended(a)).toBe(intended(b) as NonNullable<ReturnType<typeof intended>>);
    a.close();
    b.close();
  });

  test("a publish that does not concern it brings a ticket and no body", async () => {
    const agent = await Agent.enrolled(w, "web-6");
    await agent.settle();
    const before = agent.version;
    w.clock.now += 1_000;
    await w.publish(stacks({ "configcrates/other.vgo": file("other", "unlike before") }));
    expect(brief(await agent.checkIn())).toEqual({ ...nothing, ticket: true });
    expect(agent.version).toBeGreaterThan(before);
    expect(brief(await agent.checkIn())).toEqual(nothing);
    agent.close();
  });

  test("a publish that concerns it brings the new body", async () => {
    const agent = await Agent.enrolled(w, "web-7");
    await agent.settle();
    w.clock.now += 1_000;
    await w.publish(stacks({ "configcrates/motd.vgo": file("motd", "good day") }));
    expect(brief(await agent.checkIn())).toEqual({ ...nothing, ticket: true, body: true });
    expect(agent.body).toContain("good day");
    agent.close();
  });

  test("a trait that its policy reads changes its bundle, another does not", async () => {
    const agent = await Agent.enrolled(w, "trait-1", { kept: "red", volatile: "1" });
    await agent.settle();
    expect(agent.body).toContain("red");
    agent.words = { kept: "green", volatile: "2" };
    expect(brief(await agent.checkIn("volatile"))).toMatchObject({ sectionsWanted: ["kept"] });
    expect(brief(await agent.checkIn("kept"))).toEqual({ ...nothing, ticket: true, body: true });
    expect(agent.body).toContain("green");
    agent.words["volatile"] = "3";
    expect(brief(await agent.checkIn("volatile"))).toEqual(nothing);
    agent.close();
  });

  test("what it cannot resolve for an envoy leaves that envoy with its last bundle", async () => {
    const agent = await Agent.enrolled(w, "picky-1", { kept: "0600" });
    await agent.settle();
    const { digest } = agent;
    agent.words = { kept: "sunny" };
    expect(brief(await agent.checkIn("kept"))).toEqual(nothing);
    expect(agent.digest).toEqual(digest);
    const problems = w.fleet.get(agent.envoy.row.id)?.problems;
    expect(problems).toMatchObject([{ file: "configcrates/picky.vgo" }]);
    expect(w.logged.some((line) => line.startsWith("policy unresolved"))).toBe(true);
    agent.words = { kept: "0640" };
    expect(brief(await agent.checkIn("kept"))).toMatchObject({ body: true });
    expect(w.fleet.get(agent.envoy.row.id)?.problems).toEqual([]);
    agent.close();
  });

  test("a bundle that no message could hold is a problem, and the rest goes on", async () => {
    const agent = await Agent.enrolled(w, "web-large");
    await agent.settle();
    const { digest } = agent;
    const resources = [0, 1, 2, 3, 4].map(
      (n) =>
        `  - {name: t${n}, type: file, target_path: /tmp/vigo-test-${n}, mode: 0644, content: "{{ vars.big }}"}`,
    );
    const vars = `vars: {big: ${"x".repeat(900_000)}}`;
    const large = `configcrate: motd\n${vars}\nresources:\n${resources.join("\n")}\n`;
    w.clock.now += 1_000;
    await w.publish(stacks({ "configcrates/motd.vgo": large }));
    expect(w.policy.failure).toBeUndefined();
    expect(brief(await agent.checkIn())).toEqual(nothing);
    expect(agent.digest).toEqual(digest);
    expect(w.fleet.get(agent.envoy.row.id)?.problems).toMatchObject([{ code: "VG905" }]);
    agent.close();
  });

  test("a machine that has nothing of what was asked is not asked for ever", async () => {
    const agent = await Agent.enrolled(w, "web-8", {});
    await agent.settle();
    expect(brief(await agent.checkIn())).toEqual(nothing);
    agent.close();
  });

  test("a second machine with its identity waits", async () => {
    const agent = await Agent.enrolled(w, "web-9");
    await agent.settle();
    const { row, identity } = agent.envoy;
    const copy = new Agent(w, { ...agent.envoy, identity, row: { ...row, machineId: "copy" } });
    expect((await failure(copy.checkIn())).message).toContain(
      "another machine uses this envoy's identity",
    );
    expect(w.events.at(-1)).toMatchObject({ kind: "envoy.cloned", envoyId: row.id });
    expect(brief(await agent.checkIn())).toEqual(nothing);
    copy.close();
    agent.close();
  });

  test("a version that cannot be used leaves the one before in force, and says so", async () => {
    const version = w.policy.edition?.manifest.version;
    w.clock.now += 1_000;
    await w.publish(
      stacks({ "configcrates/motd.vgo": "configcrate: motd\nresources: [{type: fiel}]" }),
    );
    expect(w.policy.edition?.manifest.version).toBe(version as number);
    expect(w.policy.failure).toContain("configcrates/motd.vgo:2:");
    expect(w.policy.reloadErrors).toBe(1);
    await w.policy.reload();
    expect(w.policy.reloadErrors).toBe(1);
    const again = LivePolicy.open({
      home: w.home,
      registries: { resources: [], traits: [] },
      traits: w.store.traits,
      signing: { id: "", key: undefined as never },
      bundleMaxAgeMs: 0,
      log: { info() {}, warn() {}, error() {} },
    });
    expect((await failure(again)).message).toContain("configcrates/motd.vgo:2:");
  });

  test("a server that starts again asks nobody anew", async () => {
    const agent = await Agent.enrolled(w, "web-10");
    await agent.settle();
    await w.fleet.flush(w.store);
    const fleet = await Fleet.load(w.store, w.fleetOptions);
    const [before, after] = [w.fleet, fleet].map((each) => each.get(agent.envoy.row.id));
    expect(after?.seen()).toEqual(before?.seen() as EnvoySeen);
    expect(after?.traitsRoot).toEqual(before?.traitsRoot as Uint8Array);
    agent.close();
  });
});

test("a publish is noticed by itself", async () => {
  w.clock.now += 1_000;
  const version = w.policy.edition?.manifest.version;
  await w.publish(stacks({ "configcrates/motd.vgo": file("motd", "by itself") }), { tell: false });
  for (const end = Date.now() + 5_000; w.policy.edition?.manifest.version === version;)
    if (Date.now() > end) throw new Error("it was not noticed in 5 s");
    else await Bun.sleep(5);
  expect(w.policy.failure).toBeUndefined();
});

test("tickets that expire are renewed at half their life", async () => {
  const own = await world({ bundleMaxAgeMs: 60_000 });
  await own.publish(stacks());
  const agent = await Agent.enrolled(own, "web-1");
  await agent.settle();
  expect(brief(await agent.checkIn())).toEqual(nothing);
  own.clock.now += 31_000;
  expect(brief(await agent.checkIn())).toEqual({ ...nothing, ticket: true });
  expect(brief(await agent.checkIn())).toEqual(nothing);
  agent.close();
  await own.close();
});
