/**
 * A fleet simulator, to size a server: envoys with keys, certificates and traits of their own enrol through the real API, fetch
 * their bundles, check in steadily, report runs, and come back all at once after their connections broke. Without --server it
 * starts one of its own. Usage: bun bench/fleet.ts [--envoys N] [--interval S] [--duration S] … (bench/README.md)
 */
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { certificateFacts } from "../src/core/pki/certificate.ts";
import { homeAt } from "../src/modes/server/home.ts";
import { fetchCa } from "../src/modes/agent/enrol-client.ts";
import { removeRoom } from "../tests/support/remove-room.ts";
import {
  type Act,
  type Api,
  act,
  actHead,
  actRow,
  call,
  ended,
  query,
  task,
  type Watched,
} from "./support/fleet/acts.ts";
import { Crew } from "./support/fleet/crew.ts";
import {
  doorHead,
  doorRow,
  type Seen,
  slowest,
  type Stall,
  stallsInLog,
} from "./support/fleet/doors.ts";
import { failed, type Snapshot, snapshot } from "./support/fleet/figures.ts";
import type { Door } from "./support/fleet/machine.ts";
import { type Phase, phase, phaseHead, phaseRow } from "./support/fleet/phase.ts";
import { verificationMicros } from "./support/fleet/yardstick.ts";
import { ownServer } from "./support/own-server.ts";
import { table } from "./support/table.ts";

const { values: flags } = parseArgs({
  options: {
    envoys: { type: "string", default: "1000" },
    interval: { type: "string", default: "30" },
    duration: { type: "string", default: "120" },
    changed: { type: "string", default: "5" },
    runs: { type: "string", default: "2" },
    storm: { type: "string" },
    "storm-over": { type: "string", default: "0" },
    workers: { type: "string" },
    server: { type: "string" },
    token: { type: "string" },
    "metrics-token": { type: "string" },
    "api-token": { type: "string" },
    acts: { type: "string", default: "0" },
    vigo: { type: "string", default: join(process.cwd(), "dist", "vigo") },
  },
});

const number = (name: string, text: string): number => {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${name} is a number, not ${text}`);
};
const envoys = number("envoys", flags.envoys);
const intervalMs = number("interval", flags.interval) * 1000;
const durationMs = number("duration", flags.duration) * 1000;
const stormers = Math.min(envoys, number("storm", flags.storm ?? String(envoys / 2)));
/** A process carries some thousands of connections before it is busier than the server. */
const workers = number("workers", flags.workers ?? String(Math.ceil(envoys / 2500)));

/** Twenty resources, of which some read what a machine is: when that changes, the server resolves again. */
const stacks = {
  "envoys.vgo": 'envoys:\n  - {match: "*", configcrates: [web]}\n',
  "configcrates/web.vgo": `configcrate: web\nresources:\n${Array.from({ length: 20 }, (_, at) => {
    const content = at % 10 === 0 ? "{{ traits.os.distro }} {{ envoy.hostname }}" : "the same";
    return `  - {name: file-${at}, type: file, target_path: /etc/bench/${at}, content: "${content}"}\n`;
  }).join("")}`,
};

/** Whom to ask, and how to see what it costs; `stop` ends what was started here. */
interface Target {
  readonly door: Door;
  /** Absent: nobody may act on the fleet. */
  readonly api?: Api;
  look(): Promise<Snapshot | undefined>;
  /** When it stood still so far; undefined: it is another's, and its log is not here. */
  stalls(): Promise<readonly Stall[] | undefined>;
  stop(): Promise<void>;
}

async function target(): Promise<Target> {
  const { server, token, "metrics-token": bearer } = flags;
  if (server === undefined) return own();
  if (token === undefined)
    throw new Error(
      `--server needs --token: vigo cli tokens create --uses ${envoys} --match 'bench-*'`,
    );
  const door = await doorOf(server, token, false);
  const may = flags["api-token"];
  const api = may === undefined ? {} : { api: apiOf(server, door, may) };
  return {
    door,
    ...api,
    look: () => metricsOf(server, door.ca, bearer),
    stalls: async () => undefined,
    stop: async () => {},
  };
}

async function own(): Promise<Target> {
  const room = await mkdtemp(join(tmpdir(), "vigo-bench-"));
  const from = join(room, "stacks");
  await mkdir(join(from, "configcrates"), { recursive: true });
  for (const [path, text] of Object.entries(stacks)) await writeFile(join(from, path), text);
  const checkin = `checkin: {interval: ${Math.max(1, Math.round(intervalMs / 1000))}s}\n`;
  const server = await ownServer(flags.vigo, join(room, "server"), from, checkin);
  const api = `127.0.0.1:${server.api}`;
  const door = await doorOf(api, await server.token(envoys), process.platform === "linux");
  const stop = async () => {
    await server.stop();
    await removeRoom(room);
  };
  const bearer = (await readFile(homeAt(server.home, {}).localToken, "utf8")).trim();
  return {
    door,
    api: apiOf(api, door, bearer),
    look: () => metricsOf(api, door.ca, undefined),
    stalls: async () => stallsInLog(await readFile(server.log, "utf8"), server.pid),
    stop,
  };
}

const apiOf = (server: string, { ca }: Door, bearer: string): Api => ({
  url: `https://${server}`,
  ca,
  bearer,
});

async function doorOf(api: string, token: string, manyAddresses: boolean): Promise<Door> {
  const ca = await fetchCa(api);
  if (!token.endsWith(`_${certificateFacts(ca).fingerprint}`))
    throw new Error(`${api} has another CA than the token says`);
  const { hostname: host, port } = new URL(`https://${api}`);
  return { host, port: Number(port), ca, token, manyAddresses };
}

/** Undefined where the server shows them to others only. */
async function metricsOf(
  api: string,
  ca: string,
  bearer: string | undefined,
): Promise<Snapshot | undefined> {
  const response = await fetch(`https://${api}/metrics`, {
    // The certificate is checked against the CA that the token vouches for; it has a name that all servers share.
    tls: { ca, checkServerIdentity: () => undefined },
    headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    keepalive: false,
  });
  const page = await response.text();
  if (response.status === 403) return undefined;
  if (!response.ok) throw new Error(`/metrics: HTTP ${response.status}`);
  return snapshot(page);
}

/** Everybody is wanted: one after the other opens a stream, and does what it was wanted for. */
async function promotion(watched: Watched, crew: Crew, api: Api): Promise<Phase> {
  const wish = { command: "true", targets: ["*"], expires: "10m" };
  const begun = await (await call(api, "POST", "/tasks", wish)).json();
  const { id } = (begun as { readonly task: { readonly id: string } }).task;
  const all = await phase("promotion", watched, () =>
    crew.do(() => ({ do: "promote", intervalMs })),
  );
  const done = await ended(api, id);
  if (done !== envoys) process.stderr.write(`only ${done} have done what they were wanted for\n`);
  return all;
}

async function acting(on: Watched, api: Api): Promise<readonly Act[]> {
  const rounds = number("acts", flags.acts);
  const value = "memory.used_pct";
  return [
    await act("task on all", rounds, api, task, on),
    await act("query, a row each", rounds, api, query(value), on),
    await act("query, grouped", rounds, api, query(`avg(${value}) group by os.distro`), on),
  ];
}

/** Kept for the second table. */
const acts: Act[] = [];

async function simulate(goal: Target): Promise<readonly Phase[]> {
  const crew = new Crew(Math.max(1, workers));
  const prefix = `bench-${crypto.randomUUID().slice(0, 8)}`;
  const part = (count: number, at: number, size: number) =>
    Math.floor((count * (at + 1)) / size) - Math.floor((count * at) / size);
  const numbers = (at: number, size: number) =>
    Array.from({ length: part(envoys, at, size) }, (_, n) => Math.floor((envoys * at) / size) + n);
  const [changed, runs] = [
    number("changed", flags.changed) / 100,
    number("runs", flags.runs) / 100,
  ];
  const overMs = number("storm-over", flags["storm-over"]) * 1000;
  const { api } = goal;
  const watched = { look: goal.look, envoys: crew };
  const promoted = async () => {
    if (api === undefined || number("acts", flags.acts) === 0) return [];
    const done = await promotion(watched, crew, api);
    acts.push(...(await acting(watched, api)));
    return [done];
  };
  try {
    return [
      await phase("enrol", watched, () =>
        crew.do((at, size) => ({
          do: "enrol",
          door: goal.door,
          prefix,
          numbers: numbers(at, size),
        })),
      ),
      await phase("first check-ins", watched, () => crew.do(() => ({ do: "settle" }))),
      ...(await promoted()),
      await phase("steady", watched, () =>
        crew.do(() => ({ do: "steady", intervalMs, durationMs, changed, runs })),
      ),
      await phase(`storm of ${stormers}`, watched, () =>
        crew.do((at, size) => ({ do: "storm", count: part(stormers, at, size), overMs })),
      ),
    ];
  } finally {
    await crew.stop();
  }
}

/** Whose stalls its slow answers fell into; those of another's server are not known. */
const seenIn = ({ outcome, from, to }: Phase, server: readonly Stall[] | undefined): Seen => ({
  slow: outcome.slow,
  simulator: outcome.stalls,
  server: server?.filter((stall) => stall.to >= from && stall.from <= to),
});

const goal = await target();
try {
  const phases = await simulate(goal);
  process.stdout.write(
    `${envoys} envoys every ${intervalMs / 1000} s in ${workers} processes, ${flags.changed} % with a changed section, ${flags.runs} % with a run to report\n\n${table(phaseHead, phases.map(phaseRow))}\n`,
  );
  process.stdout.write(
    `\none ed25519 verification on this machine, just now: ${verificationMicros().toFixed(1)} µs\n`,
  );
  const stood = await goal.stalls();
  const seen = phases.map((each) => [each.name, seenIn(each, stood)] as const);
  process.stdout.write(
    `\n${table(
      doorHead,
      seen.map(([...words]) => doorRow(...words)),
    )}\n`,
  );
  for (const [name, each] of seen)
    if (name === "promotion")
      process.stdout.write(`\n${name}, the slowest:\n${slowest(each, 5)}\n`);
  if (acts.length > 0) process.stdout.write(`\n${table(actHead, acts.map(actRow))}\n`);
  for (const { name, outcome } of phases)
    if (failed(outcome) > 0) process.stdout.write(`${name}: ${JSON.stringify(outcome.failures)}\n`);
} finally {
  await goal.stop();
}
