/**
 * Copies one entry of a YAML map beside itself under another key, letter by letter: quotes, comments inside and the spelling of
 * numbers stay. Must not know files, nor what the entry means.
 */
import type { Pair } from "yaml";
import type { KeyPath } from "./key-path.ts";
import { lineEndOf, splice } from "./splice.ts";
import {
  columnOf,
  compose,
  endOf,
  endOfPair,
  type Holder,
  holderAt,
  type Node,
  startOf,
  wayTo,
  yaml,
} from "./yaml-nodes.ts";
import { scalarYaml } from "./yaml-spelling.ts";

/** The text with `map[to]` as `map[from]` is written; what was there before is replaced. `from` must be there. */
export function copyYaml(text: string, map: KeyPath, from: string, to: string): string {
  const { root } = compose(text);
  if (root === undefined) throw new Error("an empty text has no entry");
  const holder = holderAt(wayTo(root, map));
  const [source, target] = [pairOf(holder, from), pairOf(holder, to)];
  if (source === undefined) throw new Error(`no entry ${from}`);
  const end = endOfPair(text, source);
  const copy = scalarYaml(to, "plain") + text.slice(endOf(text, source.key), end);
  if (target !== undefined) return splice(text, startOf(target.key), endOfPair(text, target), copy);
  if (holder.flow === true) return splice(text, end, end, `, ${copy}`);
  const line = text.indexOf("\n", end);
  const at = line < 0 ? text.length : line - (text[line - 1] === "\r" ? 1 : 0);
  const indent = " ".repeat(columnOf(text, startOf(source.key)));
  return splice(text, at, at, lineEndOf(text) + indent + copy);
}

function pairOf(holder: Holder, key: string): Pair<Node, Node | null> | undefined {
  const pairs = holder.items as readonly unknown[];
  return pairs.find(
    (item): item is Pair<Node, Node | null> =>
      yaml().isPair(item) && yaml().isScalar(item.key) && item.key.value === key,
  );
}
