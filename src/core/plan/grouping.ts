/**
 * Rows of many envoys made few: identical rows are one, rows that differ only in what each envoy has for itself are folded, and
 * rows that the same envoys see stand together. Must not know how rows are found.
 */
import type { Difference, Row } from "./compare.ts";
import {
  kinds,
  most,
  type PlannedAttribute,
  type PlannedGroup,
  type PlannedResource,
} from "./plan.ts";

/** Envoys that have the same before and get the same. */
export interface Party extends Difference {
  /** In order. */
  readonly hostnames: readonly string[];
}

interface Line {
  readonly row: Row;
  readonly resource: PlannedResource;
  readonly parties: Numbers;
}

/** Of parties, in order. The same for all lines that the same parties see together. */
interface Numbers {
  readonly all: readonly number[];
  readonly text: string;
}

/** Deletions first, and in each kind what touches most envoys. */
export function groupsOf(parties: readonly Party[]): readonly PlannedGroup[] {
  const lines = folded(identical(parties));
  const together = Map.groupBy(lines, ({ row, parties: seen }) => `${row.change} ${seen.text}`);
  return [...together.values()].map((group) => groupOf(group, parties)).sort(inOrder);
}

/** Rows that many parties see together are looked at once: of ten thousand parties with hundreds of rows each, most are. */
function identical(parties: readonly Party[]): readonly Line[] {
  const seen = new Map<Row, (readonly number[])[]>();
  const bundles = new Map<readonly Row[], number[]>();
  const see = (rows: readonly Row[], numbers: readonly number[]) => {
    for (const row of rows) {
      const known = seen.get(row);
      if (known === undefined) seen.set(row, [numbers]);
      else known.push(numbers);
    }
  };
  for (const [number, { shared, own }] of parties.entries()) {
    const bundle = bundles.get(shared);
    if (bundle === undefined) see(shared, bundles.set(shared, [number]).get(shared) ?? []);
    else bundle.push(number);
    if (own.length > 0) see(own, [number]);
  }
  const union = unions();
  return [...seen].map(([row, all]) => {
    const { key, type, attributes } = row;
    return { row, parties: union(all), resource: { key, type, attributes } };
  });
}

/** Joins lists of numbers; the same lists are joined once. */
function unions(): (lists: readonly (readonly number[])[]) => Numbers {
  const names = new Map<readonly number[], number>();
  const known = new Map<string, Numbers>();
  const nameOf = (list: readonly number[]) => {
    const name = names.get(list) ?? names.size;
    names.set(list, name);
    return name;
  };
  return (lists) => {
    const key = lists.map(nameOf).join();
    const found = known.get(key) ?? numbersOf(lists.flat());
    known.set(key, found);
    return found;
  };
}

function numbersOf(some: readonly number[]): Numbers {
  const all = [...new Set(some)].sort((a, b) => a - b);
  return { all, text: all.join() };
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
  const parties = numbersOf(some.flatMap((line) => line.parties.all));
  return { row, parties, resource: { ...resource, attributes, variants: some.length } };
}

function groupOf(lines: readonly Line[], parties: readonly Party[]): PlannedGroup {
  const names = (lines[0]?.parties.all ?? []).flatMap((number) => parties[number]?.hostnames ?? []);
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
