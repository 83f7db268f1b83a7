/**
 * Rows of many envoys made few: identical rows are one, rows that differ only in what each envoy has for itself are folded, and
 * rows that the same envoys see stand together. Must not know how rows are found.
 */
import type { Row } from "./compare.ts";
import {
  kinds,
  most,
  type PlannedAttribute,
  type PlannedGroup,
  type PlannedResource,
} from "./plan.ts";

/** Envoys that have the same before and get the same. */
export interface Party {
  /** In order. */
  readonly hostnames: readonly string[];
  readonly rows: readonly Row[];
}

interface Line {
  readonly row: Row;
  readonly resource: PlannedResource;
  /** Numbers of parties. */
  readonly parties: readonly number[];
}

/** Deletions first, and in each kind what touches most envoys. */
export function groupsOf(parties: readonly Party[]): readonly PlannedGroup[] {
  const lines = folded(identical(parties));
  const together = Map.groupBy(lines, ({ row, parties: seen }) => `${row.change} ${seen.join()}`);
  return [...together.values()].map((group) => groupOf(group, parties)).sort(inOrder);
}

function identical(parties: readonly Party[]): readonly Line[] {
  const found = new Map<string, { readonly row: Row; readonly parties: number[] }>();
  for (const [number, { rows }] of parties.entries())
    for (const row of rows) {
      const known = found.get(row.identity);
      if (known === undefined) found.set(row.identity, { row, parties: [number] });
      else known.parties.push(number);
    }
  return [...found.values()].map(({ row, parties: seen }) => {
    const { key, type, attributes } = row;
    return { row, parties: seen, resource: { key, type, attributes } };
  });
}

/** A file with the host's name in it differs for each host: one line says that, and shows the first. */
function folded(lines: readonly Line[]): readonly Line[] {
  const alike = Map.groupBy(lines, ({ row }) =>
    JSON.stringify([row.change, row.key, row.type, row.attributes.map((each) => each.attribute)]),
  );
  return [...alike.values()].flatMap((some) => {
    const [first] = some;
    return some.length <= most.variants || first === undefined ? some : [fold(first, some)];
  });
}

function fold({ row, resource }: Line, some: readonly Line[]): Line {
  const attributes = row.attributes.map((attribute, at): PlannedAttribute => {
    const text = JSON.stringify(attribute);
    const same = some.every((line) => JSON.stringify(line.row.attributes[at]) === text);
    return same ? attribute : { ...attribute, varies: true };
  });
  const parties = [...new Set(some.flatMap((line) => line.parties))].sort((a, b) => a - b);
  return { row, parties, resource: { ...resource, attributes, variants: some.length } };
}

function groupOf(lines: readonly Line[], parties: readonly Party[]): PlannedGroup {
  const names = (lines[0]?.parties ?? []).flatMap((number) => parties[number]?.hostnames ?? []);
  const resources = lines.map(({ resource }) => resource).sort(byKey);
  return {
    change: lines[0]?.row.change ?? "changed",
    envoys: names.length,
    hostnames: names.sort(inWords).slice(0, most.hostnames),
    resources: resources.slice(0, most.resources),
    resources_left_out: Math.max(0, resources.length - most.resources),
  };
}

const inWords = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byKey = (a: PlannedResource, b: PlannedResource): number => inWords(a.key, b.key);

const inOrder = (a: PlannedGroup, b: PlannedGroup): number =>
  kinds.indexOf(a.change) - kinds.indexOf(b.change) ||
  b.envoys - a.envoys ||
  inWords(a.resources[0]?.key ?? "", b.resources[0]?.key ?? "") ||
  inWords(a.hostnames[0] ?? "", b.hostnames[0] ?? "");
