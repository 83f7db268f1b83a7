/**
 * One size of fleet in a process of its own, so that it is cold and its memory is its own: the policy in force as the server holds
 * it, on a real home and a real store. Prints its figures as one line of JSON. Usage: … ENVOYS READS
 */
import files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyId, newKeyPair, signingKey } from "../../src/core/pki/keys.ts";
import type { Tree } from "../../src/core/policy/model.ts";
import { publishTree } from "../../src/core/publish/publish.ts";
import { resources } from "../../src/core/resources/index.ts";
import { traits } from "../../src/core/traits/index.ts";
import { Envoy } from "../../src/modes/server/envoys/envoy.ts";
import { LivePolicy } from "../../src/modes/server/policy/live.ts";
import { openStore } from "../../src/modes/server/store/sqlite/open.ts";
import { type LargeFleet, largeFleet, largeTree, withOneChange } from "./large-fleet.ts";
import { type PlanFigures, planFigures } from "./plan-figures.ts";

export interface ResolveFigures {
  readonly envoys: number;
  readonly bodies: number;
  /** KiB of the first. */
  readonly body: number;
  /** All milliseconds. Cold: reading and every gate; then every envoy resolved and its ticket signed. */
  readonly compile: number;
  readonly settle: number;
  /** Medians after changes to single configcrates, and how many envoys each has touched. */
  readonly again: number;
  readonly touch: number;
  readonly touched: number;
  /** The longest that nobody else was answered while an unknown tree was compiled, and while a changed one was. */
  readonly waitCold: number;
  readonly waitAgain: number;
  /** CPU milliseconds of the cold part. */
  readonly cpu: number;
  readonly plans: PlanFigures;
  /** MiB resident: at the end, and at most. */
  readonly resident: number;
  readonly peak: number;
}

const [envoys = 10_000, reads = "names and traits"] = [
  Number(process.argv[2]),
  process.argv[3] as LargeFleet["reads"],
];
const shape: LargeFleet = { envoys, crates: 500, combinations: 200, reads };
const home = await files.mkdtemp(join(tmpdir(), "vigo-bench-"));
const store = await openStore(join(home, "vigo.db"));
const fleet = await enrolled();
const tree = largeTree(shape);

/** Envoys in the store, each with a dozen sections of traits. */
async function enrolled(): Promise<readonly Envoy[]> {
  const audit = { at: 0, actor: "bench", action: "enrol", subject: "", detail: null };
  const all: Envoy[] = [];
  for (const { id, hostname, traits: reported } of largeFleet(shape)) {
    const envoy = row(id, hostname);
    await store.envoys.enrol({ envoy, use: undefined, requestId: undefined, audit });
    const sections = ["os", "hardware", ...Object.keys(reported).slice(0, 10)];
    await store.traits.put(
      [...new Set(sections)].map((section) => ({
        envoyId: id,
        section,
        value: reported[section] ?? null,
        hash: "",
        collectedAt: 0,
        stale: false,
      })),
    );
    all.push(new Envoy(envoy));
  }
  return all;
}

function row(id: string, hostname: string) {
  return {
    id,
    hostname,
    publicKey: crypto.getRandomValues(new Uint8Array(32)),
    certificate: "",
    previousCertificate: undefined,
    certificateExpiresAt: 0,
    enrolledAt: 0,
    tokenId: undefined,
    revokedAt: undefined,
    machineId: "bench",
    platform: "linux",
    arch: "amd64",
  };
}

async function publish(one: Tree): Promise<void> {
  const said = { actor: "bench", message: "", source: "bench" };
  const publication = { tree: one, ...said, now: new Date() };
  await publishTree(files, home, publication, { self: "bench", isAlive: () => true });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** How long at most a timer was late meanwhile. */
async function longestWait(work: () => Promise<unknown>): Promise<number> {
  let [last, longest] = [performance.now(), 0];
  const beat = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  await work();
  longest = Math.max(longest, performance.now() - last);
  clearInterval(beat);
  return longest;
}

/** As check-ins do it: each envoy that has to is resolved and gets its ticket. */
async function settle(live: LivePolicy): Promise<number> {
  let looked = 0;
  for (const envoy of fleet) {
    const before = envoy.intended?.digest;
    await live.settle(envoy);
    if (envoy.intended === undefined) throw new Error(envoy.problems[0]?.message);
    if (envoy.intended.digest === before) continue;
    looked++;
    live.seal(envoy, envoy.intended);
  }
  return looked;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function resident(): Promise<readonly [now: number, peak: number]> {
  Bun.gc(true);
  const status = await files.readFile("/proc/self/status", "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  return [of("VmRSS") / 1024, of("VmHWM") / 1024];
}

async function figures(): Promise<ResolveFigures> {
  await publish(tree);
  const keys = newKeyPair();
  const cpu = process.cpuUsage();
  let live: LivePolicy | undefined;
  const compile = await timed(async () => {
    live = await LivePolicy.open({
      home,
      registries: { resources, traits },
      traits: store.traits,
      signing: { id: keyId(keys.publicKey), key: signingKey(keys.seed) },
      bundleMaxAgeMs: 0,
      log: { info() {}, warn: console.error, error: console.error },
      pollMs: 3_600_000,
    });
  });
  if (live === undefined) throw new Error("nothing in force");
  const policy = live;
  const settled = await timed(() => settle(policy));
  const { user, system } = process.cpuUsage(cpu);
  const bodies = new Set(
    fleet.map(({ intended }) => Buffer.from(intended?.digest ?? []).toString("hex")),
  ).size;
  const registries = { resources, traits };
  const plans = await planFigures({ live: policy, registries, envoys: fleet, store, tree });
  const [again, touch, touched]: number[][] = [[], [], []];
  let waitAgain = 0;
  let changed = tree;
  for (const [round, crate] of [7, 123, 301, 444, 78].entries()) {
    changed = withOneChange(changed, crate, `060${round}`);
    await publish(changed);
    again?.push(
      await timed(async () => {
        waitAgain = Math.max(waitAgain, await longestWait(() => policy.reload()));
      }),
    );
    touch?.push(await timed(async () => touched?.push(await settle(policy))));
  }
  const [now, peak] = await resident();
  const other = largeTree({ ...shape, reads: "traits", crates: shape.crates - 1 });
  const waitCold = await longestWait(() => policy.workshop.examine(other));
  policy.close();
  return {
    envoys,
    bodies,
    body: (fleet[0]?.intended?.body.length ?? 0) / 1024,
    compile,
    settle: settled,
    again: median(again ?? []),
    touch: median(touch ?? []),
    touched: median(touched ?? []),
    waitCold,
    waitAgain,
    cpu: (user + system) / 1000,
    plans,
    resident: now,
    peak,
  };
}

try {
  console.log(JSON.stringify(await figures()));
} finally {
  await store.close();
  Bun.spawnSync(["chmod", "-R", "u+w", home]);
  await files.rm(home, { recursive: true });
}
