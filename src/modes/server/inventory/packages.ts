/**
 * What is installed, over many machines. Machines that have exactly the same are read once, and none more than some at a time: a
 * section is long, and there are many. Must not know HTTP, nor the database.
 */
import { setImmediate } from "node:timers/promises";
import type { Json } from "../../../core/json.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { TraitStore } from "../store/store.ts";

type Traits = Pick<TraitStore, "hashesOf" | "ofMany">;

/** Versions by name. */
export type Installed = ReadonlyMap<string, string>;

/** The trait that tells of them. */
const section = "packages";

/** Envoys that are looked at together. */
const chunk = 50;

/** What `pick` makes of each envoy that has told, in the order of the envoys; called once for all that have the same. */
export async function* overPackages<T>(
  envoys: readonly Envoy[],
  traits: Traits,
  pick: (installed: Installed) => T,
): AsyncGenerator<readonly [Envoy, T]> {
  const known = new Map<string, T>();
  for (let at = 0; at < envoys.length; at += chunk) {
    const some = envoys.slice(at, at + chunk);
    const rows = await traits.hashesOf(
      some.map(({ id }) => id),
      section,
    );
    const hashes = new Map(rows.map(({ envoyId, hash }) => [envoyId, hash]));
    const first = new Map(rows.map(({ envoyId, hash }) => [hash, envoyId]));
    const asked = [...first].filter(([hash]) => !known.has(hash)).map(([, id]) => id);
    for (const { envoyId, value } of asked.length === 0
      ? []
      : await traits.ofMany(asked, [section]))
      known.set(hashes.get(envoyId) ?? "", pick(installedIn(value)));
    for (const envoy of some) {
      const hash = hashes.get(envoy.id);
      const picked = hash === undefined ? undefined : known.get(hash);
      if (picked !== undefined) yield [envoy, picked];
    }
    await setImmediate();
  }
}

/** Of one envoy; undefined: it has told nothing. */
export async function packagesOf(
  { id }: Envoy,
  traits: Pick<TraitStore, "ofMany">,
): Promise<Installed | undefined> {
  const [row] = await traits.ofMany([id], [section]);
  return row === undefined || row.value === null ? undefined : installedIn(row.value);
}

/** An agent of another version may tell of them in another form: then it has none. */
function installedIn(value: Json): Installed {
  const { installed } = Object(value) as { readonly installed?: Json };
  return new Map(
    Object.entries(Object(installed) as Readonly<Record<string, Json>>).filter(
      (pair): pair is [string, string] => typeof pair[1] === "string",
    ),
  );
}
