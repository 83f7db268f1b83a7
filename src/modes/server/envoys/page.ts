/** One page of the envoys that somebody looks for, in the order of their names. Must not know HTTP. */
import { z } from "zod";
import type { Answer, Received } from "../../../core/api/endpoint.ts";
import type { Envoy as ApiEnvoy, listEnvoys } from "../../../core/api/envoys.ts";
import { VigoError } from "../../../core/errors.ts";
import { hostPattern } from "../../../core/policy/hostname.ts";
import type { AnyTraitType } from "../../../core/trait.ts";
import { valueAt } from "../../../core/trait-path.ts";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { whereOf } from "../policy/cohort.ts";
import { readWanted } from "../inventory/wanted.ts";
import type { Store } from "../store/store.ts";
import type { Envoy } from "./envoy.ts";
import type { Fleet } from "./fleet.ts";
import { byCondition, byPackage, type Matching, matching, says, toldBy } from "./search.ts";
import { splitPath } from "./traits.ts";

export interface Searched {
  readonly store: Pick<Store, "traits">;
  readonly fleet: Fleet;
  /** Every trait this server knows. */
  readonly types: readonly AnyTraitType[];
}

type Query = Received<typeof listEnvoys>["query"];
type Listed = Answer<typeof listEnvoys>;

const place = z.tuple([z.string(), z.string()]);

export async function page(
  deps: Searched,
  query: Query,
  summary: (envoy: Envoy) => ApiEnvoy,
): Promise<Listed> {
  const found = await select(deps, query);
  const last = found.envoys.at(-1);
  const paths = query.traits?.split(",") ?? [];
  const shown = found.envoys.map(summary);
  return {
    envoys: paths.length === 0 ? shown : await withTraits(deps, found.envoys, shown, paths),
    ...(query.where === undefined ? {} : { undecided: found.undecided }),
    ...(found.more && last !== undefined ? { cursor: toCursor(placeOf(last)) } : {}),
  };
}

/** What memory knows is asked first. */
async function select({ store, fleet, types }: Searched, query: Query): Promise<Matching> {
  const { limit, cursor, status, hostname, text, tag, where, revoked } = query;
  const after = fromCursor(place, cursor);
  const matches = hostname === undefined ? () => true : matcher(hostname);
  const spoken = text === undefined ? () => true : says(text);
  const wanted = (envoy: Envoy) =>
    (revoked || envoy.row.revokedAt === undefined) &&
    matches(envoy.row.hostname) &&
    spoken(envoy) &&
    (tag === undefined || envoy.row.tags?.includes(tag) === true) &&
    (status === undefined || fleet.status(envoy) === status) &&
    (after === undefined || inOrder(after, placeOf(envoy)) < 0);
  const rows = [...fleet.list()].filter(wanted).sort((a, b) => inOrder(placeOf(a), placeOf(b)));
  const deciders = [
    ...(query.package === undefined ? [] : [byPackage(readWanted(query.package), store.traits)]),
    ...(where === undefined
      ? []
      : [byCondition({ condition: whereOf(where, types, "where"), types }, store.traits)]),
  ];
  if (deciders.length > 0) return matching(rows, deciders, limit);
  return { envoys: rows.slice(0, limit), more: rows.length > limit, undecided: 0 };
}

type Place = z.output<typeof place>;

const placeOf = ({ row }: Envoy): Place => [row.hostname, row.id];

const inOrder = ([nameA, idA]: Place, [nameB, idB]: Place): number => {
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return idA < idB ? -1 : Number(idA > idB);
};

/** Throws `invalid` for what is no pattern. */
export function matcher(glob: string): (hostname: string) => boolean {
  const pattern = hostPattern(glob);
  if ("error" in pattern) throw new VigoError("invalid", `hostname: ${pattern.error}`);
  return (hostname) => pattern.matches(hostname);
}

async function withTraits(
  { store, types }: Searched,
  envoys: readonly Envoy[],
  shown: readonly ApiEnvoy[],
  paths: readonly string[],
): Promise<ApiEnvoy[]> {
  const names = [...new Set(paths.map((path) => splitPath(path)[0]))];
  const unknown = names.find((name) => types.every((type) => type.name !== name));
  if (unknown !== undefined)
    throw new VigoError("invalid", `there is no trait ${unknown}`, { hint: "vigo cli explain" });
  const told = await toldBy(envoys, names, store.traits);
  return shown.map((envoy) => {
    const sections = told.get(envoy.id) ?? {};
    const chosen: NonNullable<ApiEnvoy["chosen_traits"]> = {};
    for (const path of paths) {
      const [name, rest] = splitPath(path);
      const value = valueAt(sections[name] ?? null, rest);
      if (value !== undefined && value !== null) chosen[path] = value as (typeof chosen)[string];
    }
    return { ...envoy, chosen_traits: chosen };
  });
}
