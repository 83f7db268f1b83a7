/**
 * A fleet that checks in, runs and reports as agents do, and a server that watches it, both in simulated time: failures and changes
 * are told right after a run, what changed nothing only with the next check-in. Nothing of the machine under test is replaced.
 */
import { Cohorts } from "../../../src/core/rollout/cohort.ts";
import {
  failsAsBefore,
  isUnhealthy,
  type Member,
  memberState,
  resultOf,
  standingBefore,
} from "../../../src/core/rollout/member.ts";
import type { RolloutPlan } from "../../../src/core/rollout/plan.ts";
import {
  advance,
  begin,
  type Rollout,
  rolloutState,
  type Rules,
} from "../../../src/core/rollout/rollout.ts";
import { tallyOf } from "../../../src/core/rollout/tally.ts";
import type { RunHead } from "../../../src/core/status.ts";

export const intervalMs = 300_000;
export const rules: Rules = {
  threshold: 80,
  watchMs: 2.2 * intervalMs,
  settleMs: 2.2 * intervalMs,
};

/** What a run of a version comes to on one envoy. */
export interface Ran {
  readonly failed: readonly string[];
  readonly changed: boolean;
}

export interface Scenario {
  readonly envoys: number;
  readonly plan?: RolloutPlan;
  /** 1: what was live; 2: what is published. */
  readonly run: (envoy: number, version: 1 | 2) => Ran;
  /** Never calls. */
  readonly isSilent?: (envoy: number) => boolean;
  /** Has never run anything before. */
  readonly isNew?: (envoy: number) => boolean;
  /** The server forgets all but what it keeps at every step. */
  readonly restarts?: boolean;
  /** The server is away from the first to the second moment, milliseconds after the publish. */
  readonly away?: readonly [number, number];
  readonly stepMs?: number;
  readonly threshold?: number;
}

interface SimulatedEnvoy {
  readonly id: string;
  readonly at: number;
  readonly runs: Map<number, readonly string[]>;
  version: 1 | 2;
  tells: number;
  handed: number | undefined;
  number: number;
  newest: RunHead | undefined;
  steadyTo: number | undefined;
  /** Steady runs that were not told yet. */
  untold: number | undefined;
  seenAt: number;
}

export interface Outcome {
  readonly rollout: Rollout;
  /** Most that had the version, and when it ended. */
  readonly reached: number;
  readonly afterMs: number;
}

const start = 1_800_000_000_000;

export function simulate(scenario: Scenario): Outcome {
  const fleet = Array.from({ length: scenario.envoys }, (_, n) => enrolled(scenario, n));
  let rollout = begin(2, scenario.plan, start);
  let members = new Map<string, Member>(
    fleet.map((envoy) => [envoy.id, { before: standingBefore(envoy) }]),
  );
  const cohorts = scenario.plan && new Cohorts(scenario.plan);
  const holds = (id: string) => cohorts?.holds(rollout.stage, id) ?? true;
  const stepMs = scenario.stepMs ?? 10_000;
  const turns = fleet.map((envoy) => envoy.at);
  for (let now = start; rollout.end === undefined; now += stepMs) {
    if (now > start + 48 * 3_600_000) throw new Error("it never ends");
    const [from, to] = scenario.away ?? [0, 0];
    if (now - start >= from && now - start < to) continue;
    for (const [n, envoy] of fleet.entries()) {
      if ((turns[n] ?? 0) > now || scenario.isSilent?.(n) === true) continue;
      turns[n] = now + intervalMs * (0.95 + ((n * 7919) % 1000) / 10_000);
      turn(scenario, envoy, n, holds(envoy.id), now);
    }
    look(fleet, members);
    ({ rollout } = step(
      scenario,
      fleet.filter(({ id }) => holds(id)),
      members,
      rollout,
      now,
    ));
    if (scenario.restarts === true) {
      rollout = rolloutState.parse(JSON.parse(JSON.stringify(rollout)));
      const kept = JSON.parse(JSON.stringify([...members])) as [string, unknown][];
      members = new Map(kept.map(([id, state]) => [id, memberState.parse(state)]));
    }
  }
  const reached = fleet.filter(({ version }) => version === 2).length;
  return { rollout, reached, afterMs: (rollout.end?.at ?? start) - start };
}

function enrolled(scenario: Scenario, n: number): SimulatedEnvoy {
  const envoy: SimulatedEnvoy = {
    id: `envoy-${n}`,
    at: start + ((n * 104_729) % intervalMs),
    runs: new Map(),
    version: 1,
    tells: 1,
    handed: undefined,
    number: 0,
    newest: undefined,
    steadyTo: undefined,
    untold: undefined,
    seenAt: start,
  };
  if (scenario.isSilent?.(n) === true) envoy.seenAt = start - 100 * intervalMs;
  if (scenario.isNew?.(n) === true) return envoy;
  runOnce(scenario, envoy, n);
  if (envoy.untold !== undefined) envoy.steadyTo = envoy.untold;
  return envoy;
}

/** A check-in, and the run that follows it. */
function turn(scenario: Scenario, envoy: SimulatedEnvoy, n: number, wanted: boolean, now: number) {
  envoy.seenAt = now;
  envoy.tells = envoy.version;
  if (envoy.untold !== undefined) envoy.steadyTo = envoy.untold;
  if (wanted && envoy.version === 1) {
    envoy.version = 2;
    envoy.handed = envoy.number;
  }
  runOnce(scenario, envoy, n);
}

function runOnce({ run }: Scenario, envoy: SimulatedEnvoy, n: number): void {
  const { failed, changed } = run(n, envoy.version);
  const number = ++envoy.number;
  const first = !envoy.runs.has(-envoy.version);
  envoy.runs.set(-envoy.version, []);
  envoy.untold = undefined;
  if (failed.length === 0 && !(changed && first)) {
    envoy.untold = number;
    return;
  }
  envoy.runs.set(number, failed);
  envoy.newest = {
    number,
    policyVersion: envoy.version,
    startedAt: 0,
    outcome: failed.length > 0 ? "failed" : "changed",
    counts: {
      ok: 9,
      changed: Number(changed),
      failed: failed.length,
      skipped: 0,
      blocked: 0,
      pending: 0,
    },
    causes: changed ? ["intent"] : [],
  };
}

function look(fleet: readonly SimulatedEnvoy[], members: Map<string, Member>): void {
  for (const envoy of fleet) {
    const found = resultOf(envoy, 2, envoy.handed ?? envoy.number);
    const member = members.get(envoy.id) ?? { before: "unknown" };
    if (found === undefined) continue;
    const before = typeof member.before === "number" ? envoy.runs.get(member.before) : [];
    const old = isUnhealthy(found) && failsAsBefore(envoy.runs.get(found.run) ?? [], before ?? []);
    members.set(envoy.id, { ...member, ran: { ...found, old } });
  }
}

function step(
  { threshold = 80 }: Scenario,
  cohort: readonly SimulatedEnvoy[],
  members: ReadonlyMap<string, Member>,
  rollout: Rollout,
  now: number,
) {
  const isOnline = ({ seenAt }: SimulatedEnvoy) => now - seenAt <= 2.5 * intervalMs;
  const tally = tallyOf(
    cohort.map((envoy) => ({
      member: members.get(envoy.id) ?? { before: "unknown" as const },
      online: isOnline(envoy),
    })),
  );
  return advance(rollout, tally, { ...rules, threshold }, now);
}
