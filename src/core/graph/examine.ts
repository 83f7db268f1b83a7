/**
 * What a resource's type says of it: its parameters read by the schema, what it owns, what it follows. Kept with the parameters,
 * which the envoys that a configcrate renders alike for share. Must not know edges.
 */
import type { JsonObject } from "../json.ts";
import { problemAt } from "../policy/findings.ts";
import type { Registries, ResolvedResource } from "../policy/model.ts";
import { type Refusal, refusals, takeRead } from "../policy/parameters.ts";
import { withStandIns } from "../policy/secrets.ts";
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

const nothing = { claims: [], after: [], absent: false };
const examined = new WeakMap<JsonObject, Examined>();
const byName = new WeakMap<Registries["resources"], ReadonlyMap<string, AnyResourceType>>();

export function examine(resource: ResolvedResource, registries: Registries): Examined {
  const { params } = resource;
  const found = examined.get(params) ?? look(resource, typeOf(resource, registries));
  examined.set(params, found);
  return resource.noop === true ? { ...found, claims: [] } : found;
}

/** Of a resource that nobody else will ask about: nothing of it is kept. */
export function examineOnce(resource: ResolvedResource, registries: Registries): Examined {
  const found = look(resource, typeOf(resource, registries));
  return resource.noop === true ? { ...found, claims: [] } : found;
}

function typeOf({ type }: ResolvedResource, { resources }: Registries) {
  const types = byName.get(resources) ?? new Map(resources.map((each) => [each.name, each]));
  byName.set(resources, types);
  return types.get(type);
}

function look(resource: ResolvedResource, type: AnyResourceType | undefined): Examined {
  if (!type) return { ...nothing, problems: [unknownType(resource)] };
  const data =
    takeRead(resource.params) ?? type.params.safeParse(withStandIns(resource.params)).data;
  if (data === undefined) {
    const found = refusals(type, withStandIns(resource.params), [], []);
    return { ...nothing, problems: found.map((refusal) => refused(resource, refusal)) };
  }
  return {
    claims: claimsOf(type, data),
    after: type.after?.(data) ?? [],
    absent: resource.params["state"] === "absent",
    problems: [],
  };
}

const unknownType = ({ key, type, place }: ResolvedResource): Problem =>
  problemAt("VG102", place, type, { message: `${key}: unknown resource type "${type}"` });

const refused = ({ key, place }: ResolvedResource, { code, message }: Refusal): Problem =>
  problemAt(code, place, key, { message: `${key}: ${message}` });
