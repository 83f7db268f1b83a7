/** Finds the hostcrate of a host: the first over the whole tree that matches. Must not know what a hostcrate brings. */
import type { Place, Subject } from "./model.ts";
import type { Policy, ReadyHostcrate } from "./policy.ts";
import { CannotDecide } from "./when/condition.ts";
import { decideOnServer } from "./when/decide-on-server.ts";

/** Why a hostcrate was passed over. */
export interface PassedOver {
  readonly place: Place;
  readonly why: "name" | "where";
}

export type Choice =
  | {
      readonly kind: "chosen";
      readonly hostcrate: ReadyHostcrate;
      readonly passedOver: readonly PassedOver[];
      /** Trait sections that were asked. */
      readonly sections: readonly string[];
    }
  | {
      /** No block matches, or one cannot be decided: never is the next one taken instead. */
      readonly kind: "none";
      readonly undecided?: { readonly hostcrate: ReadyHostcrate; readonly reason: string };
      readonly passedOver: readonly PassedOver[];
      readonly sections: readonly string[];
    };

export function choose({ hostcrates, registries }: Policy, subject: Subject): Choice {
  const sections = new Set<string>();
  for (const at of candidates(hostcrates, subject.hostname.toLowerCase())) {
    const hostcrate = hostcrates[at];
    if (hostcrate === undefined || !named(hostcrate, subject.hostname)) continue;
    for (const section of hostcrate.where?.sections ?? []) sections.add(section);
    const answer = decide(hostcrate, subject, registries.traits);
    if (answer === false) continue;
    const asked = [...sections];
    return answer === true
      ? new Chosen(hostcrate, asked, { hostcrates, at }, subject)
      : {
          kind: "none",
          undecided: { hostcrate, reason: answer },
          passedOver: passedOver(hostcrates.slice(0, at), subject),
          sections: asked,
        };
  }
  return { kind: "none", passedOver: passedOver(hostcrates, subject), sections: [...sections] };
}

/** Who was passed over is asked by few. */
class Chosen {
  readonly kind = "chosen";

  constructor(
    readonly hostcrate: ReadyHostcrate,
    readonly sections: readonly string[],
    readonly found: { readonly hostcrates: readonly ReadyHostcrate[]; readonly at: number },
    readonly subject: Subject,
  ) {}

  get passedOver(): readonly PassedOver[] {
    return passedOver(this.found.hostcrates.slice(0, this.found.at), this.subject);
  }
}

/** None of them was chosen. */
const passedOver = (hostcrates: readonly ReadyHostcrate[], { hostname }: Subject) =>
  hostcrates.map((hostcrate): PassedOver => {
    const { place } = hostcrate.declared;
    return { place, why: named(hostcrate, hostname) ? "where" : "name" };
  });

/** Places of hostcrates by how the names start that they match; empty: by nothing that is known. */
interface Index {
  readonly byStart: ReadonlyMap<string, readonly number[]>;
  /** Of the starts, each once. */
  readonly lengths: readonly number[];
}

const indices = new WeakMap<readonly ReadyHostcrate[], Index>();

function indexOf(hostcrates: readonly ReadyHostcrate[]): Index {
  const known = indices.get(hostcrates);
  if (known !== undefined) return known;
  const byStart = new Map<string, number[]>();
  for (const [at, { patterns }] of hostcrates.entries())
    for (const start of new Set(patterns.length === 0 ? [""] : patterns.map((one) => one.start))) {
      const all = byStart.get(start);
      if (all === undefined) byStart.set(start, [at]);
      else all.push(at);
    }
  const lengths = [...new Set([...byStart.keys()].map(({ length }) => length))];
  const made = { byStart, lengths };
  indices.set(hostcrates, made);
  return made;
}

/** Hostcrates that may match the name, in their order: thousands need not be asked for each envoy. */
function candidates(hostcrates: readonly ReadyHostcrate[], letters: string): readonly number[] {
  const { byStart, lengths } = indexOf(hostcrates);
  const found = lengths.flatMap((length) => byStart.get(letters.slice(0, length)) ?? []);
  return found.length < 2 ? found : [...new Set(found)].sort((a, b) => a - b);
}

const named = ({ patterns }: ReadyHostcrate, hostname: string): boolean =>
  patterns.length === 0 || patterns.some((pattern) => pattern.matches(hostname));

/** A text is the reason why there is no answer. */
function decide(
  { where }: ReadyHostcrate,
  { id, hostname, traits }: Subject,
  types: Policy["registries"]["traits"],
): boolean | string {
  if (where === undefined) return true;
  try {
    return decideOnServer(where, { envoy: { id, hostname }, traits, vars: {}, roles: [], types });
  } catch (error) {
    if (error instanceof CannotDecide) return error.message;
    throw error;
  }
}
