/**
 * Cycles that the text alone shows: who waits for whom among resources and whole configcrates, as if all of them were on one
 * host. Automatic edges and what depends on traits are looked at again for each host (core/graph). Must not know hosts.
 */
import { cyclesIn, isAcyclic } from "./cycles.ts";
import type { Declared } from "./declared.ts";
import type { Findings } from "./findings.ts";
import type { Place } from "./model.ts";
import type { Link, Selector } from "./references.ts";

/** A resource, or the two ends of a configcrate: nothing in it starts before `first`, all of it is done at `last`. */
interface Point {
  readonly crate: string;
  readonly at: "first" | "last" | { readonly resource: string };
}

/** From who waits to who comes before, with where that was written. */
type Waits = Map<string, Map<string, Place | undefined>>;

export function checkCycles(declared: Declared, links: readonly Link[], found: Findings): void {
  if (isClear(declared, links)) return;
  const points = new Map<string, Point>();
  const waits: Waits = new Map();
  const wait = (after: Point, before: Point, place?: Place) => {
    const [from, to] = [keyOf(after), keyOf(before)];
    points.set(from, after).set(to, before);
    const edges = waits.get(from) ?? new Map<string, Place | undefined>();
    if (!edges.has(to)) waits.set(from, edges.set(to, place));
  };
  for (const { name: crate, resources } of declared.configcrates.values()) {
    wait({ crate, at: "last" }, { crate, at: "first" });
    for (const { name: resource } of resources) {
      wait({ crate, at: { resource } }, { crate, at: "first" });
      wait({ crate, at: "last" }, { crate, at: { resource } });
    }
  }
  for (const { kind, from, to, place } of links) {
    if (isOfOneItem(from) || isOfOneItem(to)) continue;
    const [after, before] = kind === "need" ? [from, to] : [to, from];
    wait(pointOf(after, "first"), pointOf(before, "last"), place);
  }
  for (const cycle of cyclesIn(points.keys(), (key) => waits.get(key)?.keys() ?? []))
    say(cycle, points, waits, found);
}

/** The same question by numbers alone: most trees have no cycle, and all that tells of one is not made for them. */
function isClear({ configcrates }: Declared, links: readonly Link[]): boolean {
  const numbers = new Map<string, CrateNumbers>();
  let next = 0;
  for (const { name, resources } of configcrates.values()) {
    const inner = new Map(resources.map((resource, at) => [resource.name, next + 2 + at]));
    numbers.set(name, { first: next, last: next + 1, inner });
    next += 2 + resources.length;
  }
  const after: number[][] = Array.from({ length: next }, () => []);
  for (const { first, last, inner } of numbers.values()) {
    after[first]?.push(last, ...inner.values());
    for (const one of inner.values()) after[one]?.push(last);
  }
  for (const { kind, from, to } of links) {
    if (isOfOneItem(from) || isOfOneItem(to)) continue;
    const [late, early] = kind === "need" ? [from, to] : [to, from];
    const [start, end] = [numberOf(early, "last", numbers), numberOf(late, "first", numbers)];
    if (start === undefined || end === undefined) return false;
    after[start]?.push(end);
  }
  return isAcyclic(after);
}

interface CrateNumbers {
  readonly first: number;
  readonly last: number;
  readonly inner: ReadonlyMap<string, number>;
}

function numberOf(
  { crate, resource }: Selector,
  end: "first" | "last",
  numbers: ReadonlyMap<string, CrateNumbers>,
): number | undefined {
  const own = numbers.get(crate);
  return resource === undefined ? own?.[end] : own?.inner.get(resource);
}

/** `site[a]` may come before what `site[b]` waits for: which items there are is a host's matter. */
const isOfOneItem = ({ item, crateItem }: Selector) =>
  item !== undefined || crateItem !== undefined;

const keyOf = ({ crate, at }: Point) =>
  typeof at === "string" ? `${at} ${crate}` : `${crate}/${at.resource}`;

const pointOf = ({ crate, resource }: Selector, end: "first" | "last"): Point => ({
  crate,
  at: resource === undefined ? end : { resource },
});

function say(
  cycle: readonly string[],
  points: ReadonlyMap<string, Point>,
  waits: Waits,
  found: Findings,
): void {
  const steps = cycle.flatMap((from, index) => {
    const to = cycle[(index + 1) % cycle.length] ?? from;
    const place = waits.get(from)?.get(to);
    const [after, before] = [points.get(from), points.get(to)];
    return place === undefined || after === undefined || before === undefined
      ? []
      : [{ place, name: nameOf(after), before: nameOf(before) }];
  });
  const sorted = rotate(steps);
  const [first] = sorted;
  if (first === undefined) return;
  const names = sorted.flatMap(({ name, before }, index) => {
    const next = sorted[(index + 1) % sorted.length]?.name;
    return before === next ? [name] : [name, before];
  });
  names.push(first.name);
  found.problem("VG601", first.place, first.name, {
    message:
      names.length === 2
        ? `${first.name} waits for itself`
        : `each waits for the next: ${names.join(" → ")}`,
    hint: `the edges are in ${sorted.map(({ place }) => `${place.file}:${place.line}`).join(", ")}; take one out`,
  });
}

/** Only steps that were written; the first in reading order leads, so that the same cycle reads the same. */
function rotate<S extends { readonly place: Place; readonly name: string }>(steps: readonly S[]) {
  const order = ({ place }: S) =>
    `${place.file}\0${String(place.line).padStart(9)}${String(place.column).padStart(9)}`;
  const lowest = steps.map(order).sort()[0];
  const at = steps.findIndex((step) => order(step) === lowest);
  return [...steps.slice(at), ...steps.slice(0, at)];
}

const nameOf = ({ crate, at }: Point) =>
  typeof at === "string" ? `configcrate ${crate}` : `${crate}/${at.resource}`;
