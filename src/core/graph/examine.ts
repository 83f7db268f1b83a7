/**
 * What a resource's type says of it: its parameters read by the schema, what it owns, what it follows. Kept per resource, since
 * envoys that resolve alike share them. Must not know edges.
 */
import { problemAt } from "../policy/findings.ts";
import type { Registries, ResolvedResource } from "../policy/model.ts";
import { type Refusal, refusals } from "../policy/parameters.ts";
import type { Problem } from "../problem.ts";
import { type AnyResourceType, type Claim, claimsOf } from "../resource.ts";

export interface Examined {
  /** Nothing for actions and noop: they own nothing. */
  readonly claims: readonly Claim[];
  /** Claim ids to come after. */
  readonly after: readonly string[];
  /** It takes something away, so what lies inside goes first. */
  readonly absent: boolean;
  /** Why the schema refuses it. */
  readonly problems: readonly Problem[];
}

const examined = new WeakMap<ResolvedResource, Examined>();
const byName = new WeakMap<Registries["resources"], ReadonlyMap<string, AnyResourceType>>();

export function examine(resource: ResolvedResource, { resources }: Registries): Examined {
  const found = examined.get(resource);
  if (found) return found;
  const types = byName.get(resources) ?? new Map(resources.map((type) => [type.name, type]));
  byName.set(resources, types);
  const fresh = look(resource, types.get(resource.type));
  examined.set(resource, fresh);
  return fresh;
}

const nothing = { claims: [], after: [], absent: false };

function look(resource: ResolvedResource, type: AnyResourceType | undefined): Examined {
  if (!type) return { ...nothing, problems: [unknownType(resource)] };
  const { data, error } = type.params.safeParse(resource.params);
  if (error) {
    const found = refusals(type, resource.params, [], []);
    return { ...nothing, problems: found.map((refusal) => refused(resource, refusal)) };
  }
  return {
    claims: resource.noop === true ? [] : claimsOf(type, data),
    after: type.after?.(data) ?? [],
    absent: resource.params["state"] === "absent",
    problems: [],
  };
}

const unknownType = ({ key, type, place }: ResolvedResource): Problem =>
  problemAt("VG102", place, type, { message: `${key}: unknown resource type "${type}"` });

const refused = ({ key, place }: ResolvedResource, { code, message }: Refusal): Problem =>
  problemAt(code, place, key, { message: `${key}: ${message}` });
