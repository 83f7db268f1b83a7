/**
 * The whole way from a tree to a policy with every gate, and from a policy to what one envoy must be. Must not know where a
 * tree comes from, nor who signs what comes out.
 */
import { canonicalJson, type JsonObject } from "../json.ts";
import { examine } from "../graph/examine.ts";
import { type OrderedResource, order } from "../graph/order.ts";
import { Findings } from "../policy/findings.ts";
import type {
  Registries,
  Resolved,
  ResolvedCondition,
  ResolvedResource,
  Subject,
  Tree,
  Unresolved,
} from "../policy/model.ts";
import { parseTree } from "../policy/parse.ts";
import type { Policy } from "../policy/policy.ts";
import { renameRefs, replaceSecrets } from "../policy/secrets.ts";
import { resolve } from "../policy/resolve.ts";
import { type Validation, validate } from "../policy/validate.ts";
import { parseCondition } from "../policy/when/parse.ts";
import type { Problem } from "../problem.ts";
import {
  type Body,
  type BodyCondition,
  type BodyResource,
  type EncodedBody,
  encodeBody,
} from "./body.ts";
import { sampleHosts } from "./sample-hosts.ts";

/**
 * All gates. Where the text itself is at fault there is no policy; what shows only once hosts are looked at (two owners, cycles
 * by automatic edges) is a problem beside a policy that can still be enforced for the others.
 */
export function compile(tree: Tree, registries: Registries): Validation {
  const { policy, problems, warnings } = validate(parseTree(tree), registries);
  if (policy === undefined) return { problems, warnings };
  const found = new Findings();
  found.add(problems);
  for (const host of sampleHosts(policy)) found.add(graphProblems(policy, host, registries));
  return { policy, problems: found.problems, warnings };
}

/** What cannot be resolved without traits is looked at when an envoy has reported some. */
function graphProblems(policy: Policy, host: Subject, registries: Registries): readonly Problem[] {
  const resolved = resolve(policy, host);
  if (resolved.kind === "unresolved") return [];
  const ordered = order(resolved.resources, registries, { certain: true });
  return ordered.kind === "unordered" ? ordered.problems : [];
}

export interface Bundle {
  readonly kind: "bundle";
  readonly body: Body;
  readonly encoded: EncodedBody;
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
  const list = listOf(resolved.resources, registries);
  if (list.kind === "unresolved") return list;
  const key = canonicalJson([resolved.environment ?? null, resolved.roles, resolved.secrets]);
  const made = list.bodies.get(key) ?? bodyOf(list.resources, resolved, registries);
  list.bodies.set(key, made);
  return { kind: "bundle", ...made, resolved };
}

interface Made {
  readonly body: Body;
  readonly encoded: EncodedBody;
}

/** A list of resources in order, and the bodies it has come to, by what conditions that travel may ask for. */
interface List {
  readonly kind: "list";
  readonly resources: readonly OrderedResource[];
  readonly bodies: Map<string, Made>;
}

/**
 * The lists that were asked for last. A fleet of few kinds finds its own here; one where every envoy has its own would only
 * fill the memory, and a list of 2,000 resources is made in milliseconds.
 */
const lists = new Map<readonly ResolvedResource[], List | Unresolved>();
const kept = 32;

function listOf(resources: readonly ResolvedResource[], registries: Registries): List | Unresolved {
  const found = lists.get(resources) ?? arrange(resources, registries);
  lists.delete(resources);
  lists.set(resources, found);
  const [oldest] = lists.keys();
  if (lists.size > kept && oldest !== undefined) lists.delete(oldest);
  return found;
}

/** Every parameter as its type wants it, nobody in another's way, and in order. */
function arrange(
  resources: readonly ResolvedResource[],
  registries: Registries,
): List | Unresolved {
  const refused = resources.flatMap((resource) => examine(resource, registries).problems);
  if (refused.length > 0) return { kind: "unresolved", problems: refused };
  const ordered = order(resources, registries);
  if (ordered.kind === "unordered") return { kind: "unresolved", problems: ordered.problems };
  return { kind: "list", resources: ordered.resources, bodies: new Map() };
}

function bodyOf(
  resources: readonly OrderedResource[],
  resolved: Resolved,
  registries: Registries,
): Made {
  const places = new Map(resolved.secrets.map((path, index) => [path, index]));
  const index = (path: string) => places.get(path) ?? notListed(path);
  const body: Body = {
    format: 1,
    resources: resources.map((resource) => bodyResource(resource, resolved, registries, index)),
    secrets: resolved.secrets,
  };
  return { body, encoded: encodeBody(body) };
}

function bodyResource(
  { resource, needs, notifies }: OrderedResource,
  resolved: Resolved,
  registries: Registries,
  index: (path: string) => number,
): BodyResource {
  const { key, type, params, when, noop, sensitive, timeout_ms, retries } = resource;
  return {
    key,
    type,
    params: replaceSecrets<string>(params, (node) => renameRefs(node, index)) as JsonObject,
    ...(when && { when: bodyCondition(when, resolved, registries) }),
    ...(needs.length > 0 && { needs }),
    ...(notifies.length > 0 && { notifies }),
    ...(noop && { noop }),
    ...(sensitive && { sensitive }),
    ...(timeout_ms !== undefined && { timeout_ms }),
    ...(retries !== undefined && { retries }),
  };
}

function notListed(path: string): never {
  throw new Error(`secret ${path} is in a parameter and not in the list`);
}

/** Environment and roles travel only with a condition that asks for them, so that more envoys share a body. */
export function bodyCondition(
  { source, vars }: ResolvedCondition,
  { environment, roles }: Resolved,
  { traits }: Registries,
): BodyCondition {
  const condition = parseCondition(source, traits);
  const asks = (name: string) =>
    condition.kind === "condition" && condition.functions.includes(name);
  return {
    source,
    ...(Object.keys(vars).length > 0 && { vars }),
    ...(environment !== undefined && asks("environment") && { environment }),
    ...(asks("role") && { roles }),
  };
}
