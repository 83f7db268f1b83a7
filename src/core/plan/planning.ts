/**
 * A plan in the making: envoys are added one by one, so that a server can answer others in between. Each different pair of before
 * and after is compared once. Pure; must not know where policies and traits come from.
 */
import type { Registries, Subject, Unresolved } from "../policy/model.ts";
import type { Policy } from "../policy/policy.ts";
import { compareIntents, type Row } from "./compare.ts";
import { groupsOf, type Party } from "./grouping.ts";
import { type Intent, Lists, nothing } from "./lists.ts";
import { type Kind, most, type Plan } from "./plan.ts";

interface Lost {
  readonly subject: Subject;
  readonly why: Unresolved;
  readonly asBefore: boolean;
}

interface Pair {
  readonly before: Intent;
  readonly after: Intent;
  readonly hostnames: string[];
}

export class Planning {
  readonly #lists: Lists;
  readonly #pairs = new Map<string, Pair>();
  readonly #unresolved: Lost[] = [];
  #known = 0;

  /** `before` undefined: nothing was published yet. */
  constructor(
    readonly before: Policy | undefined,
    readonly after: Policy,
    registries: Registries,
  ) {
    this.#lists = new Lists(registries);
  }

  add(subject: Subject): void {
    this.#known++;
    const after = this.#lists.intent(this.after, subject);
    if (after.kind === "unresolved") {
      const asBefore =
        this.before !== undefined && this.#lists.intent(this.before, subject).kind === "unresolved";
      this.#unresolved.push({ subject, why: after, asBefore });
      return;
    }
    const before = this.#before(subject);
    const key = `${before.number} ${after.number}`;
    const pair = this.#pairs.get(key);
    if (pair === undefined) this.#pairs.set(key, { before, after, hostnames: [subject.hostname] });
    else pair.hostnames.push(subject.hostname);
  }

  plan(): Plan {
    const parties = this.#parties();
    const changed = parties.reduce((sum, { hostnames }) => sum + hostnames.length, 0);
    const groups = groupsOf(parties);
    const unresolved = this.#unresolved.length;
    return {
      envoys: {
        known: this.#known,
        changed,
        unchanged: this.#known - unresolved - changed,
        unresolved,
      },
      resources: {
        removed: total(parties, "removed"),
        changed: total(parties, "changed"),
        added: total(parties, "added"),
      },
      groups: groups.slice(0, most.groups),
      groups_left_out: Math.max(0, groups.length - most.groups),
      unresolved: this.#shownUnresolved(),
    };
  }

  /** What could not be resolved before counts as nothing: nobody knows what such an envoy has. */
  #before(subject: Subject): Intent {
    if (this.before === undefined) return nothing;
    const before = this.#lists.intent(this.before, subject);
    return before.kind === "unresolved" ? nothing : before;
  }

  /** Those that change, by the first of their names, so that one fleet always gives one plan. */
  #parties(): readonly Party[] {
    return [...this.#pairs.values()]
      .flatMap(({ before, after, hostnames }) => {
        if (before.number === after.number) return [];
        const rows: readonly Row[] = compareIntents(before, after, this.#lists);
        return rows.length === 0 ? [] : [{ hostnames: hostnames.sort(inWords), rows }];
      })
      .sort((a, b) => inWords(a.hostnames[0] ?? "", b.hostnames[0] ?? ""));
  }

  #shownUnresolved(): Plan["unresolved"] {
    return this.#unresolved
      .sort((a, b) => inWords(a.subject.hostname, b.subject.hostname))
      .slice(0, most.unresolved)
      .map(({ subject, why, asBefore }) => ({
        envoy_id: subject.id,
        hostname: subject.hostname,
        ...(asBefore && { as_before: true as const }),
        problems: why.problems.slice(0, most.problems),
      }));
  }
}

/** The whole plan at once. */
export function planOf(
  before: Policy | undefined,
  after: Policy,
  subjects: Iterable<Subject>,
  registries: Registries,
): Plan {
  const planning = new Planning(before, after, registries);
  for (const subject of subjects) planning.add(subject);
  return planning.plan();
}

function total(parties: readonly Party[], kind: Kind): number {
  let sum = 0;
  for (const { hostnames, rows } of parties)
    sum += hostnames.length * rows.filter(({ change }) => change === kind).length;
  return sum;
}

const inWords = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
