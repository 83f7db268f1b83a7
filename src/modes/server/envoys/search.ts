/**
 * Finds envoys: by how they stand, by text, by what they told of themselves. The traits are read from the store for those that are
 * left, some at a time, because the index keeps none. Must not know HTTP.
 */
import { setImmediate } from "node:timers/promises";
import type { Json } from "../../../core/json.ts";
import { CannotDecide, type Condition } from "../../../core/policy/when/condition.ts";
import { decideOnServer } from "../../../core/policy/when/decide-on-server.ts";
import type { AnyTraitType } from "../../../core/trait.ts";
import { overPackages } from "../inventory/packages.ts";
import { found as having, type Wanted } from "../inventory/wanted.ts";
import type { TraitStore } from "../store/store.ts";
import type { Envoy } from "./envoy.ts";

/** Envoys whose traits are in memory at once. */
const chunk = 100;

export interface Where {
  readonly condition: Condition;
  readonly types: readonly AnyTraitType[];
}

export interface Matching {
  readonly envoys: readonly Envoy[];
  /** There are more. */
  readonly more: boolean;
  /** Those that were passed over because they have not told what the condition reads. */
  readonly undecided: number;
}

/** Says of each of some envoys whether it is meant; undefined: it has not told what that takes. */
export type Decide = (some: readonly Envoy[]) => Promise<readonly (boolean | undefined)[]>;

/** The first `limit` of those that are meant by all who decide, in their order. */
export async function matching(
  candidates: readonly Envoy[],
  deciders: readonly Decide[],
  limit: number,
): Promise<Matching> {
  const found: Found = { envoys: [], more: false, undecided: 0, beyond: 0 };
  for (let at = 0; at < candidates.length && !found.more; at += chunk) {
    const answers = await together(candidates.slice(at, at + chunk), deciders);
    take(found, answers, limit);
    await setImmediate();
  }
  const { envoys, more, undecided, beyond } = found;
  return { envoys, more, undecided: more ? undecided : undecided + beyond };
}

interface Found {
  readonly envoys: Envoy[];
  more: boolean;
  undecided: number;
  /** Undecided ones after the last that fits: they count on the next page, if there is one. */
  beyond: number;
}

function take(found: Found, answers: Answers, limit: number): void {
  for (const [envoy, answer] of answers) {
    const full = found.envoys.length === limit;
    if (answer === undefined) found[full ? "beyond" : "undecided"]++;
    if (answer === true && full) found.more = true;
    if (found.more) return;
    if (answer === true) found.envoys.push(envoy);
  }
}

/** In the order of the envoys. */
type Answers = ReadonlyMap<Envoy, boolean | undefined>;

/** Who is asked later is asked only about those that are left. */
async function together(some: readonly Envoy[], deciders: readonly Decide[]): Promise<Answers> {
  const answers = new Map<Envoy, boolean | undefined>(some.map((envoy) => [envoy, true]));
  for (const decide of deciders) {
    const left = some.filter((envoy) => answers.get(envoy) === true);
    for (const [n, answer] of (await decide(left)).entries()) answers.set(left[n] as Envoy, answer);
  }
  return answers;
}

/** By a condition over traits. */
export const byCondition =
  ({ condition, types }: Where, traits: Pick<TraitStore, "ofMany">): Decide =>
  async (some) => {
    const told = await toldBy(some, condition.sections, traits);
    return some.map(({ id, row }) => {
      const facts = { envoy: { id, hostname: row.hostname }, vars: {}, roles: [], types };
      return decided(() => decideOnServer(condition, { ...facts, traits: told.get(id) ?? {} }));
    });
  };

/** By what is installed. Those who have not told what that is do not have it. */
export const byPackage =
  (wanted: Wanted, traits: Pick<TraitStore, "hashesOf" | "ofMany">): Decide =>
  async (some) => {
    const holders = new Set<Envoy>();
    for await (const [envoy, has] of overPackages(some, traits, having(wanted)))
      if (has.length > 0) holders.add(envoy);
    return some.map((envoy) => holders.has(envoy));
  };

/** Sections by envoy. What a machine has not counts as not told, as it does in a policy. */
export async function toldBy(
  envoys: readonly Envoy[],
  sections: readonly string[],
  traits: Pick<TraitStore, "ofMany">,
): Promise<ReadonlyMap<string, Readonly<Record<string, Json>>>> {
  const told = new Map<string, Record<string, Json>>();
  if (sections.length === 0) return told;
  const ids = envoys.map(({ id }) => id);
  for (const { envoyId, section, value } of await traits.ofMany(ids, sections)) {
    const values = told.get(envoyId) ?? {};
    values[section] = value;
    told.set(envoyId, values);
  }
  return told;
}

function decided(ask: () => boolean): boolean | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof CannotDecide) return undefined;
    throw error;
  }
}

/** In any of the names that people know an envoy by, whatever the case. */
export function says(text: string): (envoy: Envoy) => boolean {
  const wanted = text.toLowerCase();
  return ({ row, reportedHostname, agentVersion }) =>
    [row.hostname, reportedHostname, row.id, row.machineId, agentVersion, row.platform].some(
      (name) => name.toLowerCase().includes(wanted),
    );
}
