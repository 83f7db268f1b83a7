/** What one envoy told of itself, whole or at a place in it. Must not know HTTP, nor any trait. */
import type { Answer } from "../../../core/api/endpoint.ts";
import type { showTraits } from "../../../core/api/traits.ts";
import { didYouMean } from "../../../core/did-you-mean.ts";
import { VigoError } from "../../../core/errors.ts";
import { leaves, valueAt } from "../../../core/trait-path.ts";
import type { Store, TraitRow } from "../store/store.ts";
import type { Envoy } from "./envoy.ts";

type Shown = Answer<typeof showTraits>;

/** Rejects with `missing` when nothing is at the path. */
export async function traitsOf(
  store: Pick<Store, "traits">,
  { id, row: { hostname } }: Envoy,
  path: string | undefined,
): Promise<Shown> {
  const rows = (await store.traits.of(id)).filter(({ value }) => value !== null);
  const sections = path === undefined ? rows : [narrowed(rows, path, hostname)];
  return { id, hostname, sections: sections.map(shown) };
}

/** `os.distro` is the value at `distro` in the section `os`. */
export const splitPath = (path: string): readonly [section: string, rest: string] => {
  const end = path.search(/[.[]/);
  if (end < 0) return [path, ""];
  return [path.slice(0, end), path.slice(path[end] === "." ? end + 1 : end)];
};

function narrowed(rows: readonly TraitRow[], path: string, hostname: string): TraitRow {
  const [name, rest] = splitPath(path);
  const row = rows.find(({ section }) => section === name);
  const value = row && valueAt(row.value, rest);
  if (row !== undefined && value !== undefined) return { ...row, value };
  const known = row
    ? leaves(row.value, name).map(([leaf]) => leaf)
    : rows.map(({ section }) => section);
  const meant = didYouMean(row ? path : name, known.slice(0, 1_000));
  throw new VigoError("missing", `${hostname} has told no ${path}`, {
    hint: meant ? `did you mean ${meant}?` : `vigo cli traits show ${hostname}`,
  });
}

const shown = ({ section, collectedAt, stale, value }: TraitRow): Shown["sections"][number] => ({
  name: section,
  collected_at: new Date(collectedAt).toISOString(),
  stale,
  value: value as Shown["sections"][number]["value"],
});
