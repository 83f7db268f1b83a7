/**
 * The whole way from a tree to a policy with every gate, and from a policy to what one envoy must be. Must not know where a
 * tree comes from, nor who signs what comes out.
 */
import { order } from "../graph/order.ts";
import { Findings } from "../policy/findings.ts";
import type {
  Registries,
  Resolved,
  ResolvedResource,
  Subject,
  Tree,
  Unresolved,
} from "../policy/model.ts";
import { type Parsed, parsing } from "../policy/parse.ts";
import type { Policy } from "../policy/policy.ts";
import { isSameHost, resolve } from "../policy/resolve.ts";
import { type Validation, validating } from "../policy/validate.ts";
import type { Problem } from "../problem.ts";
import { atOnce, type Steps, stepsOf } from "../steps.ts";
import { arrangementFor, isInPlace, placingFor } from "./arrangement.ts";
import type { Body } from "./body.ts";
import { Made } from "./made.ts";
import { sampleHosts } from "./sample-hosts.ts";

/**
 * All gates. Where the text itself is at fault there is no policy; what shows only once hosts are looked at (two owners, cycles
 * by automatic edges) is a problem beside a policy that can still be enforced for the others. `before`: a policy of nearly the
 * same tree, so that only what differs is looked at; the result is the same as without.
 */
export const compile = (tree: Tree, registries: Registries, before?: Policy): Validation =>
  atOnce(compiling(tree, registries, before));

/** The same with pauses. */
export function* compiling(tree: Tree, registries: Registries, before?: Policy): Steps<Validation> {
  const parsed = yield* parsing(tree, before && parsedFor.get(before));
  const { policy, problems, warnings } = yield* validating(parsed, registries, before);
  if (policy === undefined) return { problems, warnings };
  parsedFor.set(policy, parsed);
  const found = new Findings();
  found.add(problems);
  const good = before !== undefined && inOrder.has(before) ? before : undefined;
  const count = found.count;
  const hosts = sampleHosts(policy);
  const step = stepsOf("putting hosts in order", hosts.length);
  for (const host of hosts) {
    const now = step();
    if (good !== undefined && isSameHost(host, good, policy)) continue;
    found.add(graphProblems(policy, host, registries));
    yield now;
  }
  if (found.count === count) inOrder.add(policy);
  return { policy, problems: found.problems, warnings };
}

/** Policies for whose sample hosts nothing had to be said. */
const inOrder = new WeakSet<Policy>();

/** What each policy was made of. */
const parsedFor = new WeakMap<Policy, Parsed>();

/** What cannot be resolved without traits is looked at when an envoy has reported some. */
function graphProblems(policy: Policy, host: Subject, registries: Registries): readonly Problem[] {
  const resolved = resolve(policy, host);
  if (resolved.kind === "unresolved") return [];
  // What can be put in order with all that conditions may yet leave out can be put in order without.
  if (arrangementFor(resolved, registries).kind === "arrangement") return [];
  const ordered = order(resolved.resources, registries, { certain: true });
  return ordered.kind === "unordered" ? ordered.problems : [];
}

export interface Bundle {
  readonly kind: "bundle";
  /** Made anew whenever it is asked for. */
  readonly body: Body;
  readonly encoded: Made;
  readonly resolved: Resolved;
}

/** Envoys that resolve to the very same list share all that is made of it. */
export function bundleFor(
  policy: Policy,
  subject: Subject,
  registries: Registries,
): Bundle | Unresolved {
  const resolved = resolve(policy, subject);
  if (resolved.kind === "unresolved") return resolved;
  const encoded = madeOf(resolved, registries);
  if (!(encoded instanceof Made)) return encoded;
  return {
    kind: "bundle",
    get body() {
      return encoded.body;
    },
    encoded,
    resolved,
  };
}

/** What a list has come to, by what conditions that travel may ask for; for as long as somebody holds the list. */
const made = new WeakMap<readonly ResolvedResource[], Map<string, Made | Unresolved>>();

function madeOf(resolved: Resolved, registries: Registries): Made | Unresolved {
  return madeOfVariant(resolved, registries) ?? madeOfList(resolved, registries);
}

/** Undefined where there is no list that it is like, or where it cannot stand in the same order. */
function madeOfVariant(resolved: Resolved, registries: Registries): Made | undefined {
  const { variant, outline } = resolved;
  if (variant === undefined) return undefined;
  const placing = placingFor({ resources: variant.first, outline }, registries);
  if ("kind" in placing || !isInPlace(placing, variant.others, registries)) return undefined;
  return new Made(placing, resolved, registries, variant.others);
}

function madeOfList(resolved: Resolved, registries: Registries): Made | Unresolved {
  const { resources, environment, roles } = resolved;
  const all = made.get(resources) ?? new Map<string, Made | Unresolved>();
  made.set(resources, all);
  const key = JSON.stringify([environment, roles]);
  const known = all.get(key);
  if (known !== undefined) return known;
  const placing = placingFor(resolved, registries);
  const one = "kind" in placing ? placing : new Made(placing, resolved, registries);
  all.set(key, one);
  return one;
}
