/**
 * A plan in the making: envoys are added one by one, so that a server can answer others in between. Each different pair of before
 * and after is compared once. Pure; must not know where policies and traits come from.
 */
import type { Registries, Resolved, Subject, Unresolved } from "../policy/model.ts";
import type { Policy } from "../policy/policy.ts";
import { isSameHost } from "../policy/resolve.ts";
import { Comparison } from "./compare.ts";
import { groupsOf, type Party } from "./grouping.ts";
import { type Intent, Lists, nothing } from "./lists.ts";
import { type Kind, most, type Plan } from "./plan.ts";

interface Lost {
  readonly subject: Subject;
  readonly why: Unresolved;
  readonly asBefore: boolean;
}

/** What two policies come to for one envoy. */
export interface Looked {
  readonly subject: Subject;
  readonly after: Intent | Unresolved;
  /** same: whatever the other comes to. */
  readonly before: Intent | Unresolved | "same";
  /** Trait sections that all this depends on; undefined: any of them may mend it. */
  readonly sectionsRead: readonly string[] | undefined;
}

type Pair = Party & { readonly hostnames: string[] };

export class Planning {
  readonly #lists: Lists;
  readonly #comparison: Comparison;
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
    this.#comparison = new Comparison(this.#lists);
  }

  /** Adds nothing yet. */
  look(subject: Subject): Looked {
    const after = this.#lists.intent(this.after, subject);
    const before = this.#before(subject);
    const sectionsRead = sectionsOf(after, before === "same" ? after : before);
    return { subject, after, before, sectionsRead };
  }

  add({ subject, after, before }: Looked): void {
    this.#known++;
    if (after.kind === "unresolved") {
      const asBefore = before === "same" || before.kind === "unresolved";
      this.#unresolved.push({ subject, why: after, asBefore });
    } else if (before !== "same") this.#addPair(subject, before, after);
  }

  /** An envoy of which it is known that it gets what it has. */
  addSame(): void {
    this.#known++;
  }

  /** What could not be resolved before counts as nothing: nobody knows what such an envoy has. */
  #addPair({ hostname }: Subject, was: Intent | Unresolved, after: Intent): void {
    const before = was.kind === "unresolved" ? nothing : was;
    const [then, now] = [this.#lists.number(before), this.#lists.number(after)];
    if (then === now) return;
    const key = `${then} ${now}`;
    const pair = this.#pairs.get(key) ?? {
      hostnames: [],
      ...this.#comparison.of(before, after),
    };
    this.#pairs.set(key, pair);
    pair.hostnames.push(hostname);
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

  #before(subject: Subject): Looked["before"] {
    if (this.before === undefined) return nothing;
    if (isSameHost(subject, this.before, this.after)) return "same";
    return this.#lists.intent(this.before, subject);
  }

  /** Those that change, by the first of their names, so that one fleet always gives one plan. */
  #parties(): readonly Party[] {
    return [...this.#pairs.values()]
      .filter(({ shared, own }) => shared.length + own.length > 0)
      .map((pair) => ({ ...pair, hostnames: pair.hostnames.sort(inWords) }))
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
  for (const subject of subjects) planning.add(planning.look(subject));
  return planning.plan();
}

function total(parties: readonly Party[], kind: Kind): number {
  const known = new Map<Party["shared"], number>();
  const count = (rows: Party["shared"]) => rows.filter(({ change }) => change === kind).length;
  let sum = 0;
  for (const { hostnames, shared, own } of parties) {
    const together = known.get(shared) ?? count(shared);
    known.set(shared, together);
    sum += hostnames.length * (together + count(own));
  }
  return sum;
}

function sectionsOf(...all: readonly (Intent | Unresolved)[]): readonly string[] | undefined {
  const read: Resolved["sectionsRead"][] = [];
  for (const one of all) {
    if (one.kind === "unresolved") return undefined;
    read.push(one.resolved?.sectionsRead ?? []);
  }
  return read.flat();
}

const inWords = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
