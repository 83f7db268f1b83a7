/** The endpoints about what is installed, handled. Must not know HTTP, nor the database. */
import type { Answer, Received } from "../../../core/api/endpoint.ts";
import {
  diffPackages,
  type Holder,
  listPackages,
  type PackageCount,
  searchPackages,
} from "../../../core/api/inventory.ts";
import { VigoError } from "../../../core/errors.ts";
import type { Envoy } from "../envoys/envoy.ts";
import { findEnvoy } from "../envoys/envoys.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { matcher } from "../envoys/page.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";
import { type Installed, overPackages, packagesOf } from "./packages.ts";
import { found } from "./wanted.ts";

interface Deps {
  readonly store: Pick<Store, "traits">;
  readonly fleet: Fleet;
}

export const inventoryRoutes = [
  implement(listPackages, ({ query }, deps: Deps) => counted(deps, query)),
  implement(searchPackages, ({ query }, deps: Deps) => holders(deps, query)),
  implement(diffPackages, ({ query }, deps: Deps) => difference(deps, query)),
];

/** Different versions of packages that are counted: more than any distribution has. */
const mostKinds = 500_000;

async function counted(
  { store, fleet }: Deps,
  { limit, hostname, name }: Received<typeof listPackages>["query"],
): Promise<Answer<typeof listPackages>> {
  const matches = matcherOr(name);
  const envoysOf = new Map<Installed, number>();
  let told = 0;
  const same = (installed: Installed) => installed;
  for await (const [, installed] of overPackages(named(fleet, hostname), store.traits, same)) {
    told++;
    envoysOf.set(installed, (envoysOf.get(installed) ?? 0) + 1);
  }
  const counts = new Map<string, PackageCount>();
  for (const [installed, envoys] of envoysOf)
    for (const [of, version] of installed) {
      const key = `${of}\0${version}`;
      if (!matches(of) || (counts.size >= mostKinds && !counts.has(key))) continue;
      const before = counts.get(key)?.envoys ?? 0;
      counts.set(key, { name: of, version, envoys: before + envoys });
    }
  const rows = [...counts.values()].sort(byName);
  return { told, packages: rows.slice(0, limit), left_out: Math.max(0, rows.length - limit) };
}

const byName = (a: PackageCount, b: PackageCount): number => {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return b.envoys - a.envoys || (a.version < b.version ? -1 : 1);
};

async function holders(
  { store, fleet }: Deps,
  { limit, hostname, name, version }: Received<typeof searchPackages>["query"],
): Promise<Answer<typeof searchPackages>> {
  const wanted = found({ name, version });
  const rows: Holder[] = [];
  let [told, leftOut] = [0, 0];
  for await (const [{ id, row }, has] of overPackages(
    named(fleet, hostname),
    store.traits,
    wanted,
  )) {
    told++;
    for (const one of has)
      if (rows.length < limit) rows.push({ id, hostname: row.hostname, ...one });
      else leftOut++;
  }
  return { told, holders: rows, left_out: leftOut };
}

async function difference(
  { store, fleet }: Deps,
  query: Received<typeof diffPackages>["query"],
): Promise<Answer<typeof diffPackages>> {
  const [a, b] = [findEnvoy(fleet, query.a), findEnvoy(fleet, query.b)];
  const [hasA, hasB] = [await packagesAt(a, store), await packagesAt(b, store)];
  const names = [...new Set([...hasA.keys(), ...hasB.keys()])].sort();
  const differing = names.filter((name) => hasA.get(name) !== hasB.get(name));
  return {
    a: a.row.hostname,
    b: b.row.hostname,
    same: names.length - differing.length,
    packages: differing.map((name) => {
      const [inA, inB] = [hasA.get(name), hasB.get(name)];
      return {
        name,
        ...(inA === undefined ? {} : { a: inA }),
        ...(inB === undefined ? {} : { b: inB }),
      };
    }),
  };
}

async function packagesAt(envoy: Envoy, { traits }: Deps["store"]): Promise<Installed> {
  const installed = await packagesOf(envoy, traits);
  if (installed !== undefined) return installed;
  throw new VigoError("missing", `${envoy.row.hostname} has not told what is installed on it`, {
    hint: "the packages trait is collected where dpkg, rpm, apk or pacman is; wait for a check-in",
  });
}

/** By name; revoked ones have no say. */
function named(fleet: Fleet, hostname: string | undefined): readonly Envoy[] {
  const matches = matcherOr(hostname);
  return [...fleet.list()]
    .filter(({ row }) => row.revokedAt === undefined && matches(row.hostname))
    .sort((a, b) => (a.row.hostname < b.row.hostname ? -1 : 1));
}

const matcherOr = (glob: string | undefined): ((name: string) => boolean) =>
  glob === undefined ? () => true : matcher(glob);
