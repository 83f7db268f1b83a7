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
  const passedOver: PassedOver[] = [];
  const sections = new Set<string>();
  for (const hostcrate of hostcrates) {
    const { place } = hostcrate.declared;
    if (!named(hostcrate, subject.hostname)) passedOver.push({ place, why: "name" });
    else {
      for (const section of hostcrate.where?.sections ?? []) sections.add(section);
      const answer = decide(hostcrate, subject, registries.traits);
      const rest = { passedOver, sections: [...sections] };
      if (answer === true) return { kind: "chosen", hostcrate, ...rest };
      if (answer !== false)
        return { kind: "none", undecided: { hostcrate, reason: answer }, ...rest };
      passedOver.push({ place, why: "where" });
    }
  }
  return { kind: "none", passedOver, sections: [...sections] };
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
