/**
 * From a resource as it travelled to one that can be converged: its type, its parameters read strictly, its digest. Pure. What
 * this agent does not know is said loudly, never left out (docs/design/semantics.md §5). Must not know when it is its turn.
 */
import type { BodyResource } from "../bundle/body.ts";
import { canonicalJson } from "../json.ts";
import { explain } from "../params.ts";
import { sha256Hex } from "../pki/keys.ts";
import { guardrail } from "../policy/guardrails.ts";
import { type AnyResourceType, claimsOf, type Outcome } from "../resource.ts";

export interface Ready {
  readonly kind: "ready";
  readonly type: AnyResourceType;
  readonly params: object;
  /** Of the parameters as they travelled. */
  readonly digest: string;
}

/** It cannot even be looked at. */
export interface Unfit {
  readonly kind: "unfit";
  readonly outcome: Outcome;
}

export function prepare(
  resource: BodyResource,
  types: ReadonlyMap<string, AnyResourceType>,
  protectedPaths: readonly string[],
): Ready | Unfit {
  const type = types.get(resource.type);
  if (type === undefined)
    return unfit("blocked", `this agent has no type "${resource.type}": update the agent`);
  const parsed = type.params.safeParse(resource.params);
  if (!parsed.success) return unfit("failed", explain(parsed.error).join("; "));
  const params: object = parsed.data;
  const refused = guardrail(type, params, protectedPaths);
  if (refused !== undefined) return unfit("failed", `refused: ${refused}`);
  return { kind: "ready", type, params, digest: sha256Hex(canonicalJson(resource.params)) };
}

const unfit = (outcome: "blocked" | "failed", reason: string): Unfit => ({
  kind: "unfit",
  outcome: { outcome, changes: [], reason },
});

/**
 * Answers `Host.owned`: is this id claimed by a resource of the run, or something inside it? Sorted once, asked by search.
 */
export function ownership(prepared: readonly (Ready | Unfit)[]): (id: string) => boolean {
  const ids = prepared
    .flatMap((one) => (one.kind === "ready" ? claimsOf(one.type, one.params) : []))
    .map(({ id }) => id)
    .sort();
  const at = (wanted: string) => {
    let [low, high] = [0, ids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ids[middle] ?? "") < wanted) low = middle + 1;
      else high = middle;
    }
    return ids[low];
  };
  return (id) => at(id) === id || at(`${id}/`)?.startsWith(`${id}/`) === true;
}
