/**
 * What the envoys that a version has gone to say together: counts, the gates measured on them, and the health of the fleet
 * (semantics §7). Pure; must not know how a rollout goes on.
 */
import { isUnhealthy, type Member } from "./member.ts";
import type { Gate } from "./plan.ts";

export interface Tally {
  /** Of the part of the fleet that is looked at. */
  readonly online: number;
  readonly online_ran: number;
  /** Have run the version, online or not. */
  readonly ran: number;
  readonly failed: number;
  readonly blocked: number;
  /** Failed or blocked. */
  readonly degraded: number;
  readonly drift: number;
  readonly offline: number;
  /** Have run it, and did not fail the same resources before. */
  readonly counted: number;
  readonly healthy: number;
  /** Of those counted, the ones known from before … */
  readonly known: number;
  /** … and of these, the ones that were healthy then. */
  readonly healthy_before: number;
}

export interface Observed {
  readonly member: Member;
  readonly online: boolean;
}

export function tallyOf(observed: Iterable<Observed>): Tally {
  const sum = { ...nothing };
  for (const { member, online } of observed) {
    if (online) sum.online++;
    if (member.ran === undefined) continue;
    sum.ran++;
    if (online) sum.online_ran++;
    else sum.offline++;
    addResult(sum, member.ran);
    addHealth(sum, member, member.ran);
  }
  return sum;
}

const nothing = {
  online: 0,
  online_ran: 0,
  ran: 0,
  failed: 0,
  blocked: 0,
  degraded: 0,
  drift: 0,
  offline: 0,
  counted: 0,
  healthy: 0,
  known: 0,
  healthy_before: 0,
};

type Sum = typeof nothing;
type Ran = NonNullable<Member["ran"]>;

function addResult(sum: Sum, ran: Ran): void {
  sum.failed += Number(ran.failed);
  sum.blocked += Number(ran.blocked);
  sum.degraded += Number(isUnhealthy(ran));
  sum.drift += Number(ran.drift);
}

function addHealth(sum: Sum, { before }: Member, ran: Ran): void {
  if (ran.old) return;
  sum.counted++;
  if (!isUnhealthy(ran)) sum.healthy++;
  if (before === "unknown") return;
  sum.known++;
  if (before === "good") sum.healthy_before++;
}

/** In percent of those that have run it; 0 while none has. */
export const measured = (tally: Tally, { metric }: Gate): number =>
  tally.ran === 0 ? 0 : (tally[metric] / tally.ran) * 100;

export function isBroken(tally: Tally, gate: Gate): boolean {
  const value = measured(tally, gate);
  return gate.op === "<" ? value >= gate.percent : value > gate.percent;
}

/** In percent; 100 while nobody counts. */
export const health = ({ counted, healthy }: Tally): number =>
  counted === 0 ? 100 : (healthy / counted) * 100;

/** Of the same envoys; 100 where none of them is known from before. */
export const formerHealth = ({ known, healthy_before }: Tally): number =>
  known === 0 ? 100 : (healthy_before / known) * 100;

/** How many must have run it before their health says something about the fleet. */
export const enough = (online: number): number => Math.max(5, Math.ceil(online / 10));

/** Have they got worse? `threshold` in percent (`publish.rollback_threshold`); fewer than `needed` decide nothing. */
export const isWorse = (tally: Tally, threshold: number, needed: number): boolean =>
  tally.counted >= needed && health(tally) < (threshold / 100) * formerHealth(tally);
