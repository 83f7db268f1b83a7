/**
 * The whole way from a tree to a policy with every gate, and from a policy to what one envoy must be. Must not know where a
 * tree comes from, nor who signs what comes out.
 */
import { examine } from "../graph/examine.ts";
import { type OrderedResource, order } from "../graph/order.ts";
import { Findings } from "../policy/findings.ts";
import type { Registries, Resolved, Subject, Tree, Unresolved } from "../policy/model.ts";
import { parseTree } from "../policy/parse.ts";
import type { Policy } from "../policy/policy.ts";
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
  const bundle = arrange(policy, host, registries);
  return bundle.kind === "unordered" ? bundle.problems : [];
}

export interface Bundle {
  readonly kind: "bundle";
  readonly body: Body;
  readonly encoded: EncodedBody;
  readonly resolved: Resolved;
}

export function bundleFor(
  policy: Policy,
  subject: Subject,
  registries: Registries,
): Bundle | Unresolved {
  const arranged = arrange(policy, subject, registries);
  if (arranged.kind !== "arranged") return { kind: "unresolved", problems: arranged.problems };
  const { resolved, resources } = arranged;
  const body: Body = {
    format: 1,
    resources: resources.map((resource) => bodyResource(resource, resolved, registries)),
    secrets: resolved.secrets,
  };
  return { kind: "bundle", body, encoded: encodeBody(body), resolved };
}

interface Arranged {
  readonly kind: "arranged";
  readonly resolved: Resolved;
  readonly resources: readonly OrderedResource[];
}

/** Resolved, every parameter as its type wants it, and in order. */
function arrange(
  policy: Policy,
  subject: Subject,
  registries: Registries,
): Arranged | Unresolved | { readonly kind: "unordered"; readonly problems: readonly Problem[] } {
  const resolved = resolve(policy, subject);
  if (resolved.kind === "unresolved") return resolved;
  const refused = resolved.resources.flatMap((resource) => examine(resource, registries).problems);
  if (refused.length > 0) return { kind: "unresolved", problems: refused };
  const ordered = order(resolved.resources, registries);
  if (ordered.kind === "unordered") return ordered;
  return { kind: "arranged", resolved, resources: ordered.resources };
}

function bodyResource(
  { resource, needs, notifies }: OrderedResource,
  resolved: Resolved,
  registries: Registries,
): BodyResource {
  const { key, type, params, when, noop, sensitive, timeout_ms, retries } = resource;
  return {
    key,
    type,
    params,
    ...(when && { when: bodyCondition(when, resolved, registries) }),
    ...(needs.length > 0 && { needs }),
    ...(notifies.length > 0 && { notifies }),
    ...(noop && { noop }),
    ...(sensitive && { sensitive }),
    ...(timeout_ms !== undefined && { timeout_ms }),
    ...(retries !== undefined && { retries }),
  };
}

/** Environment and roles travel only with a condition that asks for them, so that more envoys share a body. */
function bodyCondition(
  { source, vars }: { readonly source: string; readonly vars: BodyCondition["vars"] & {} },
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
