/**
 * A `.vgo` document as a tree of values that know where they were written. Aliases are resolved: the same node may stand in
 * several places. Must not know YAML's grammar, nor what the values mean.
 */
import type { Json } from "../json.ts";
import type { Place } from "./model.ts";

export type Node = MapNode | ListNode | ScalarNode;

export interface MapNode {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}

export interface Entry {
  /** Of the key. */
  readonly place: Place;
  readonly value: Node;
}

export interface ListNode {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly Node[];
}

export interface ScalarNode {
  readonly kind: "scalar";
  readonly place: Place;
  /** As YAML reads it (core schema). */
  readonly value: string | number | boolean | null;
  /** The very letters of a plain scalar (`0644`, `1.10`); of any other, its value. */
  readonly source: string;
  readonly style: "plain" | "quoted" | "literal" | "folded";
  /** Where its first letter stands, past a quote or on the line below a `|`. */
  readonly start: Place;
}

/** A value as YAML means it: for vars and lists of data. */
export function valueIn(node: Node): Json {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(valueIn);
  return record(node, valueIn);
}

/**
 * A value as a parameter gets it: a plain scalar keeps its letters, so that the type's schema decides what they mean
 * (semantics §3).
 */
export function writtenOf(node: Node): Json {
  if (node.kind === "scalar") return node.value === null ? null : node.source;
  if (node.kind === "list") return node.items.map(writtenOf);
  return record(node, writtenOf);
}

/** Without a prototype, so that a key such as `__proto__` is a key like any other. */
function record(node: MapNode, of: (node: Node) => Json): Json {
  const values: Record<string, Json> = Object.create(null);
  for (const [key, { value }] of node.entries) values[key] = of(value);
  return values;
}

export interface PlacedScalar {
  readonly node: ScalarNode;
  readonly path: readonly (string | number)[];
}

const scalars = new WeakMap<MapNode, readonly PlacedScalar[]>();
/** Parameters of a resource are asked for theirs again and again; of more than these nothing is kept. */
const mostKept = 50;

/** Every scalar in a value, with the keys that lead to it. */
export function scalarsOf(node: Node): readonly PlacedScalar[] {
  const known = node.kind === "map" ? scalars.get(node) : undefined;
  if (known !== undefined) return known;
  const found: PlacedScalar[] = [];
  gather(node, [], found);
  if (node.kind === "map" && found.length <= mostKept) scalars.set(node, found);
  return found;
}

function gather(node: Node, path: readonly (string | number)[], found: PlacedScalar[]): void {
  if (node.kind === "scalar") found.push({ node, path });
  else if (node.kind === "list")
    for (const [index, item] of node.items.entries()) gather(item, [...path, index], found);
  else for (const [key, { value }] of node.entries) gather(value, [...path, key], found);
}

/** The node a path leads to, or the last one on the way that exists. */
export function nodeAt(node: Node, path: readonly PropertyKey[]): Node {
  const [head, ...rest] = path;
  if (head === undefined || node.kind === "scalar") return node;
  const next =
    node.kind === "list" ? node.items[Number(head)] : node.entries.get(String(head))?.value;
  return next === undefined ? node : nodeAt(next, rest);
}

/** Where a letter of a scalar's text stands in the file; line and column of the letter count from 1. Folded text: its start. */
export function placeWithin(node: ScalarNode, line: number, column: number): Place {
  const { start, style } = node;
  if (line === 1) return { ...start, column: start.column + column - 1 };
  if (style !== "literal") return start;
  return { ...start, line: start.line + line - 1, column: start.column + column - 1 };
}

/** What a node is called in a message. */
export function kindOf(node: Node): string {
  if (node.kind === "map") return "a map";
  if (node.kind === "list") return "a list";
  if (node.value === null) return "nothing";
  return typeof node.value === "string" ? "a text" : `a ${typeof node.value}`;
}

const shown = 60;

/** A node on one line, cut short. */
export function excerpt(node: Node): string {
  if (node.kind === "map") return clip(`{${[...node.entries.keys()].join(", ")}}`);
  if (node.kind === "list") return `a list of ${node.items.length}`;
  return clip(node.source);
}

/** At most 60 letters of the first line. */
export function clip(text: string): string {
  const [first = "", ...more] = text.split("\n");
  return first.length > shown || more.length > 0 ? `${first.slice(0, shown - 1)}…` : first;
}
