/** Versions that are watched and staged, on a real server with envoys that speak to it as agents do. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { fromBinary } from "@bufbuild/protobuf";
import type { configStatus } from "../../../src/core/api/config.ts";
import type { chooseCohort } from "../../../src/core/api/publish.ts";
import type { Answer } from "../../../src/core/api/endpoint.ts";
import { packTree } from "../../../src/core/publish/archive.ts";
import { Cohorts } from "../../../src/core/rollout/cohort.ts";
import { readPlan } from "../../../src/core/rollout/plan.ts";
import { TicketSchema } from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { connectLink, type LinkIdentity } from "../../../src/modes/agent/link.ts";
import { certificateRequest } from "../../support/certificate-request.ts";
import { treeOf } from "../../support/policy.ts";
import { identityFrom } from "./join.ts";
import { codeOf, enrolBody, envoyKey, makeWorld, messageOf, type World } from "./world.ts";

let w: World;
let fleet: readonly SimulatedEnvoy[] = [];

beforeEach(async () => {
  // So long a threshold that a busy test host makes nobody look offline.
  w = await makeWorld(
    "checkin: {interval: 2s, offline_threshold: 1h}\ntuning: {flush_interval: 100ms}\n",
  );
});
afterEach(async () => {
  for (const envoy of fleet) envoy.close();
  await w.stop();
});

/** Checks in, takes what it gets, runs it and tells, as an agent does. */
class SimulatedEnvoy {
  version = 0;
  body = "";
  #run = 0;
  #open: { first: number; last: number } | undefined;
  #link: ReturnType<typeof connectLink>;
  #digest: Uint8Array | undefined;

  constructor(
    readonly name: string,
    readonly identity: LinkIdentity,
    /** What of a body fails here. */
    readonly failing: (body: string) => boolean,
  ) {
    this.#link = connectLink(identity);
  }

  async turn(): Promise<void> {
    const open = this.#open && {
      first: BigInt(this.#open.first),
      last: BigInt(this.#open.last),
      firstAtMs: BigInt(Date.now()),
      lastAtMs: BigInt(Date.now()),
    };
    const answer = await this.#link.checkIn({
      hostname: this.name,
      bootId: `boot-${this.name}`,
      machineId: `machine-${this.name}`,
      agentVersion: "1.0.0",
      policyVersion: BigInt(this.version),
      ...(this.#digest && { bodyDigest: this.#digest }),
      ...(open && { openSpan: open }),
    });
    if (answer.ticket === undefined) return this.#body(false);
    const ticket = fromBinary(TicketSchema, answer.ticket.ticket);
    expect(Number(ticket.policyVersion)).toBeGreaterThan(this.version);
    this.version = Number(ticket.policyVersion);
    this.#digest = ticket.bodyDigest;
    if (answer.body.length > 0) this.body = Buffer.from(answer.body).toString();
    return this.#body(answer.body.length > 0);
  }

  /** As after a restart of the server, which may have another port. */
  reconnect(): void {
    this.close();
    this.#link = connectLink({
      ...this.identity,
      servers: [`127.0.0.1:${w.running().ports.grpc}`],
    });
  }

  close(): void {
    this.#link.close();
  }

  async #body(isNew: boolean): Promise<void> {
    if (this.version === 0) return;
    const number = ++this.#run;
    const fails = this.failing(this.body);
    if (!fails && !isNew) {
      this.#open = { first: this.#open?.first ?? number, last: number };
      return;
    }
    this.#open = undefined;
    const outcome = fails ? 3 : 2;
    const changes = fails ? [] : [{ field: "content", to: "x", cause: 1 }];
    const resource = { key: "site/motd", type: "file", outcome, changes, durationMs: 1 };
    const run = {
      number: BigInt(number),
      policyVersion: BigInt(this.version),
      startedAtMs: BigInt(Date.now()),
      durationMs: 1,
      outcome,
      resources: [resource],
    };
    await this.#link.reportRuns({ reports: [{ report: { case: "run", value: run } }] });
  }
}

async function enrol(count: number): Promise<readonly SimulatedEnvoy[]> {
  const token = await w.token({ uses: count });
  const made: SimulatedEnvoy[] = [];
  for (let n = 1; n <= count; n++) {
    const key = envoyKey();
    const { request, key: tlsKey } = await certificateRequest("CN=agent");
    const name = `web-${n}`;
    const body = {
      ...(await enrolBody(token, name, key, request)),
      machine_id: `machine-${name}`,
      boot_id: `boot-${name}`,
    };
    const enrolled = (await w.call("POST", "/enroll", body, "")).body;
    const identity = identityFrom(enrolled, tlsKey, key.seed);
    made.push(new SimulatedEnvoy(name, identity, (content) => content.includes("bad")));
  }
  return made;
}

const stacks = (text: string) =>
  treeOf({
    "envoys.vgo": 'envoys:\n  - {match: "web-*", configcrates: [site]}\n',
    "configcrates/site.vgo": `configcrate: site\nresources:\n  - {name: motd, type: file, target_path: /etc/motd, content: "${text}"}\n`,
  });
const publish = (text: string, more = {}) =>
  w.call("POST", "/config/publish", { tree: packTree(stacks(text)), replace: true, ...more });
const status = async () =>
  (await w.call("GET", "/config/status")).body as Answer<typeof configStatus>;
const versions = async () =>
  (await w.call("GET", "/config/history")).body["versions"] as readonly {
    readonly version: number;
    readonly message: string;
    readonly actor: string;
    readonly rollback_of?: number;
  }[];
const turns = () => Promise.all(fleet.map((envoy) => envoy.turn()));
const having = (text: string) =>
  fleet.filter(({ body }) => body.includes(`"${text}"`)).map(({ name }) => name);

/** Lets the fleet call until it holds. */
async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (!(await holds())) {
    if (Date.now() > deadline)
      throw new Error(`${what} did not come about: ${JSON.stringify(await status())}`);
    await turns();
    await Bun.sleep(100);
  }
}

async function live(count: number, text: string): Promise<number> {
  fleet = await enrol(count);
  const { body } = await publish(text);
  await until("the first version", () => having(text).length === count);
  await turns();
  return Number(body["version"]);
}

const audited = async () => {
  const { body } = await w.call("GET", "/audit?limit=50");
  return body["entries"] as readonly { readonly action: string; readonly actor: string }[];
};

describe("a publish to everyone", () => {
  test("is taken back when the fleet gets worse by it, and that is told", async () => {
    const first = await live(6, "one");
    const { body } = await publish("bad");
    await until("the rollback", async () => (await versions()).length === 3);
    const [newest] = await versions();
    expect(newest).toMatchObject({
      rollback_of: first,
      actor: "vigo",
      message: expect.stringContaining(`automatic rollback of version ${body["version"]}: `),
    });
    await until("the old content", () => having("one").length === 6);
    expect((await audited())[0]).toMatchObject({ action: "config.rollback", actor: "vigo" });
    expect((await status()).rollout).toBeUndefined();
    expect((await versions()).length).toBe(3);
  }, 90_000);

  test("is taken back by a server that was started again in the middle", async () => {
    await live(6, "one");
    await publish("bad");
    await until("bad everywhere", () => having("bad").length === 6);
    for (const envoy of fleet) envoy.close();
    await w.restart();
    for (const envoy of fleet) envoy.reconnect();
    await until("the rollback", async () => (await versions()).length === 3);
    await until("the old content", () => having("one").length === 6);
  }, 90_000);

  test("stays when it changes every envoy and is good", async () => {
    await live(6, "one");
    await publish("two");
    await until("the end", async () => (await status()).rollout?.state === "done");
    expect(having("two")).toHaveLength(6);
    expect((await status()).rollout).toMatchObject({ health: 100, ran: 6, percent: 100 });
    expect(await versions()).toHaveLength(2);
    // A database without it, as after an upgrade: what envoys have had for long is not watched anew.
    for (const envoy of fleet) envoy.close();
    const database = new Database(w.home.database);
    database.run("PRAGMA foreign_keys = ON");
    database.run("DELETE FROM rollouts");
    database.close();
    await w.restart();
    expect((await status()).rollout).toBeUndefined();
  }, 90_000);

  test("stays when nobody watches", async () => {
    await live(6, "one");
    await publish("bad", { unwatched: true });
    await until("bad everywhere", () => having("bad").length === 6);
    await turns();
    expect((await status()).rollout).toBeUndefined();
    expect(await versions()).toHaveLength(2);
  }, 90_000);
});

/** Half the fleet, but for a salt that puts some inside and some outside. */
function half(gate: string | undefined, hold = "2s") {
  for (let n = 0; ; n++) {
    const plan = readPlan({ canary: "50%", hold, gate, salt: `salt-${n}` });
    const cohorts = new Cohorts(plan);
    const inside = fleet.filter(({ identity }) => cohorts.holds(0, identity.envoyId));
    if (inside.length === 2) return { plan, inside: inside.map(({ name }) => name) };
  }
}

const cohort = async (where: string) =>
  (await w.call("POST", "/config/cohort", { where })).body as Answer<typeof chooseCohort>;

describe("a publish to those that a condition chooses first", () => {
  test("goes to them, also after a restart, and then to all", async () => {
    await live(6, "one");
    const where = 'envoy.hostname in ["web-2", "web-5"]';
    const { envoys, of } = await cohort(where);
    expect([envoys.length, of]).toEqual([2, 6]);
    const rollout = readPlan({ cohort: { where, envoys, of }, hold: "5s" });
    expect((await publish("two", { rollout })).body["outcome"]).toBe("published");
    await until("the cohort", () => having("two").length === 2);
    await turns();
    expect(having("two")).toEqual(["web-2", "web-5"]);
    expect((await status()).rollout).toMatchObject({ percent: 33.3333, stages: [33.3333, 100] });
    for (const envoy of fleet) envoy.close();
    await w.restart();
    for (const envoy of fleet) envoy.reconnect();
    await turns();
    expect(having("two")).toEqual(["web-2", "web-5"]);
    await until("everyone", () => having("two").length === 6);
    expect((await versions())[0]).toMatchObject({ rollout: { cohort: { where, envoys } } });
  }, 90_000);

  test("what has not been reported chooses nobody, and what the server cannot decide is refused", async () => {
    fleet = await enrol(2);
    expect(await cohort('traits.os.distro == "debian"')).toEqual({
      envoys: [],
      of: 2,
      undecided: 2,
    });
    for (const [where, said] of [
      ['file_exists("/x")', "it asks the machine itself"],
      ["vars.x == 1", "it reads vars.x"],
      ["traits.os.distr", "distr"],
    ] as const) {
      const refused = await w.call("POST", "/config/cohort", { where });
      expect(codeOf(refused)).toBe("invalid");
      expect(messageOf(refused)).toContain(said);
    }
  });
});

describe("a publish in stages", () => {
  test("goes to a part, survives a restart, is not disturbed, and then goes to all", async () => {
    await live(6, "one");
    const { plan, inside } = half("failed<1%", "5s");
    const done = await publish("two", { rollout: plan, message: "staged" });
    expect(done.body["outcome"]).toBe("published");
    await until("the part", () => having("two").length === 2);
    await turns();
    expect(having("two")).toEqual(inside);
    expect(having("one")).toHaveLength(4);
    const before = await status();
    expect(before.rollout).toMatchObject({ state: "watching", percent: 50, stages: [50, 100] });

    for (const envoy of fleet) envoy.close();
    await w.restart();
    for (const envoy of fleet) envoy.reconnect();
    await turns();
    const after = await status();
    expect([after.rollout?.since, after.rollout?.percent]).toEqual([
      before.rollout?.since,
      before.rollout?.percent,
    ]);
    expect(having("two")).toEqual(inside);
    const refused = await publish("three");
    expect([refused.status, codeOf(refused)]).toEqual([409, "conflict"]);
    expect(messageOf(refused)).toContain("is being published in stages (50%, 100%)");

    await until("everyone", () => having("two").length === 6);
    await until("the end", async () => (await status()).rollout?.state === "done");
    const actions = (await audited()).map(({ action }) => action);
    expect(actions.slice(0, 2)).toEqual(["config.rollout_done", "config.widen"]);
    await w.restart();
    for (const envoy of fleet) envoy.reconnect();
    await turns();
    expect(having("two")).toHaveLength(6);
    expect((await publish("three")).body["outcome"]).toBe("published");
  }, 90_000);

  test("does not wait for who is in maintenance, nor count it", async () => {
    await live(6, "one");
    const { plan, inside } = half("offline<1%", "3s");
    const [away = ""] = inside;
    await w.call("POST", `/envoys/${away}/maintenance`, { for: "1h" });
    await publish("two", { rollout: plan });
    const all = fleet;
    fleet = all.filter(({ name }) => name !== away);
    await until("the rest of the fleet", () => having("two").length === 5);
    await until("the end", async () => (await status()).rollout?.state === "done");
    fleet = all;
    expect(having("two")).not.toContain(away);
    // It has the new version when it comes back.
    await w.call("DELETE", `/envoys/${away}/maintenance`);
    await until("all", () => having("two").length === 6);
  }, 90_000);

  test("is halted by its gate, and everyone has the old content", async () => {
    const first = await live(6, "one");
    const { plan, inside } = half("failed<1%");
    await publish("bad", { rollout: plan });
    await until("the halt", async () => (await versions()).length === 3);
    expect((await versions())[0]).toMatchObject({
      rollback_of: first,
      message: expect.stringContaining("the gate failed<1% is broken: 2 of 2 envoys, 100%"),
    });
    expect(inside).toHaveLength(2);
    await until("the old content", () => having("one").length === 6);
    const now = (await versions())[0]?.version;
    await until("one version", () => fleet.every(({ version }) => version === now));
  }, 90_000);

  test("is superseded: what was before comes first, so nobody goes back to a lower number", async () => {
    const first = await live(6, "one");
    const { plan, inside } = half("failed<1%", "10m");
    await publish("two", { rollout: plan });
    await until("the part", () => having("two").length === 2);
    const { body } = await publish("three", { rollout: plan, supersede: true });
    expect(body["outcome"]).toBe("published");
    const [third, restored] = await versions();
    expect([third?.version, restored?.rollback_of]).toEqual([Number(body["version"]), first]);
    await until("the part", () => having("three").length === 2);
    expect(having("three")).toEqual(inside);
    expect(having("one")).toHaveLength(4);
    await w.call("POST", "/config/rollback", {});
    await until("the old content", () => having("one").length === 6);
  }, 90_000);

  test("the first version has nothing to go back to", async () => {
    const refused = await publish("one", { rollout: readPlan({ canary: "50%" }) });
    expect([refused.status, messageOf(refused)]).toEqual([
      400,
      "the first version cannot be published in stages",
    ]);
  });
});
