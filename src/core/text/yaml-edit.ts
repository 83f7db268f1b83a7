/**
 * Edits of a YAML text that leave every other byte: comments, order, quotes, blank lines. The text is composed only to learn
 * where its values stand; what changes is cut out and put in. Must not know files.
 */
import type { Json } from "../json.ts";
import { type KeyPath, reachOf, sameValue, throughNull, valueAt, wrapped } from "./key-path.ts";
import { lineEndOf, lineStart, nextLine, splice } from "./splice.ts";
import {
  colonAfter,
  columnOf,
  compose,
  endOf,
  endOfItem,
  endOfPair,
  type Holder,
  holderAt,
  indexIn,
  isBlockScalar,
  isNothing,
  missing,
  type Node,
  type Stop,
  startOf,
  startOfItem,
  unlike,
  wayTo,
  yaml,
} from "./yaml-nodes.ts";
import type { Pair } from "yaml";
import {
  afterColon,
  blockYaml,
  flowYaml,
  type Layout,
  type Quotes,
  scalarYaml,
} from "./yaml-spelling.ts";

/** The value of a text with one document in it; of an empty one a map with nothing. Rejects with line and column. */
export const yamlValue = (text: string): Json => compose(text).value;

/** The text with a value at a path; what is missing on the way is made. */
export function setYaml(text: string, to: KeyPath, wish: Json, indent?: number): string {
  const { root, value: former } = compose(text);
  const layout = layoutOf(text, indent);
  if (root === undefined || isNothing(root))
    return firstValue(text, root, wrapped(to, wish), layout);
  const [path, value] = throughNull(former, to, wish);
  const reach = reachOf(former, path);
  const way = wayTo(root, path.slice(0, reach));
  if (reach === path.length)
    return sameValue(valueAt(former, path), value) ? text : replaceValue(text, way, value, layout);
  const [step, ...deeper] = path.slice(reach);
  const holder = holderAt(way);
  const inner = wrapped(deeper, value);
  if (holder.flow === true) return addToFlow(text, holder, step, inner);
  return addToBlock(text, holder, step, inner, layout);
}

/** The text without what is at a path; the same text where nothing is there. */
export function removeYaml(text: string, path: KeyPath): string {
  const { root, value } = compose(text);
  if (root === undefined || path.length === 0 || valueAt(value, path) === undefined) return text;
  const way = wayTo(root, path);
  const holder = holderAt(way.slice(0, -1));
  const index = indexIn(holder, path.at(-1));
  return holder.flow === true
    ? cutFromFlow(text, holder, index)
    : cutFromBlock(text, way, holder, index);
}

function firstValue(text: string, root: Node | undefined, value: Json, layout: Layout): string {
  if (root !== undefined && /^---[ \t]*\S/m.test(text)) throw unlike("the file");
  const between = text === "" || text.endsWith("\n") ? "" : layout.lineEnd;
  return `${text}${between}${blockYaml(value, 0, layout)}${layout.lineEnd}`;
}

/** As the text has it: the first line that is one level in, the first list under a key. */
function layoutOf(text: string, indent: number | undefined): Layout {
  const first =
    /^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( +)[^\s#-]/m.exec(text);
  const list = /^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)- /m.exec(
    text,
  );
  return {
    unit: indent ?? first?.[1]?.length ?? 2,
    deepLists: list === null || (list[2] ?? "").length > (list[1] ?? "").length,
    lineEnd: lineEndOf(text),
  };
}

function replaceValue(text: string, way: readonly Stop[], value: Json, layout: Layout): string {
  const { node, pair, holder } = way.at(-1) ?? {};
  const quotes = quotesOf(node);
  if (holder?.flow === true) return replaceInFlow(text, node, pair, value);
  if (pair !== undefined) return replaceInPair(text, pair, value, quotes, layout);
  if (node === undefined) throw unlike("a part of the file");
  const start = startOf(node);
  const isInline = typeof value !== "object" && !String(value).includes("\n");
  const put = isInline
    ? scalarYaml(value, quotes)
    : blockYaml(value, columnOf(text, start), layout);
  return splice(text, start, endOf(text, node), put);
}

function replaceInFlow(
  text: string,
  node: Node | undefined,
  pair: Stop["pair"],
  value: Json,
): string {
  const put = typeof value === "object" ? flowYaml(value) : scalarYaml(value, quotesOf(node));
  if (node !== undefined && !isNothing(node))
    return splice(text, startOf(node), endOf(text, node), put);
  if (pair === undefined) throw unlike("a part of the file");
  const colon = colonAfter(text, pair.key);
  return splice(text, colon, colon, ` ${put}`);
}

function quotesOf(node: Node | undefined): Quotes {
  if (!yaml().isScalar(node)) return "plain";
  return node.type === "QUOTE_SINGLE"
    ? "single"
    : node.type === "QUOTE_DOUBLE"
      ? "double"
      : "plain";
}

/** A scalar takes the place of a scalar, so that anchor, tag and comment stay; anything else begins behind the colon. */
function replaceInPair(
  text: string,
  pair: Pair<Node, Node | null>,
  value: Json,
  quotes: Quotes,
  layout: Layout,
): string {
  const { key, value: node } = pair;
  const put = afterColon(value, columnOf(text, startOf(key)), layout, quotes);
  const isOneLine = !put.includes("\n");
  const isScalar =
    node !== null && yaml().isScalar(node) && !isNothing(node) && !isBlockScalar(node);
  const colon = colonAfter(text, key);
  if (isScalar && isOneLine) return splice(text, startOf(node), endOf(text, node), put.slice(1));
  const end = endOfPair(text, pair);
  const behind = /^[ \t]*#[^\r\n]*/.exec(text.slice(colon))?.[0];
  if (behind === undefined || end <= colon) return splice(text, colon, end, put);
  return splice(text, colon, end, isOneLine ? put + behind : behind + put);
}

function addToFlow(
  text: string,
  holder: Holder,
  step: string | number | undefined,
  value: Json,
): string {
  const put = `${typeof step === "string" ? `${scalarYaml(step, "plain")}: ` : ""}${flowYaml(value)}`;
  const last = holder.items.at(-1);
  const close = (holder.range?.[1] ?? missing()) - 1;
  if (last === undefined) {
    const isMap = yaml().isMap(holder);
    return splice(text, startOf(holder) + 1, close, isMap ? ` ${put} ` : put);
  }
  return splice(text, endOfItem(text, last as Node), endOfItem(text, last as Node), `, ${put}`);
}

function addToBlock(
  text: string,
  holder: Holder,
  step: string | number | undefined,
  value: Json,
  layout: Layout,
): string {
  const column = columnOf(text, startOf(holder));
  const line =
    typeof step === "string"
      ? `${scalarYaml(step, "plain")}:${afterColon(value, column, layout, "plain")}`
      : `- ${blockYaml(value, column + 2, layout)}`;
  const at = nextLine(text, endOf(text, holder));
  const put = `${" ".repeat(column)}${line}`;
  if (at < text.length || text.endsWith("\n")) return splice(text, at, at, put + layout.lineEnd);
  return `${text}${layout.lineEnd}${put}`;
}

function cutFromFlow(text: string, holder: Holder, index: number): string {
  const [before, item, after] = [index - 1, index, index + 1].map((at) => holder.items[at]);
  if (after !== undefined) return splice(text, startOfItem(item), startOfItem(after), "");
  const end = endOfItem(text, item);
  if (before !== undefined) return splice(text, endOfItem(text, before), end, "");
  return splice(text, startOf(holder) + 1, (holder.range?.[1] ?? missing()) - 1, "");
}

function cutFromBlock(text: string, way: readonly Stop[], holder: Holder, index: number): string {
  if (holder.items.length === 1) return cutLast(text, way.slice(0, -1), holder);
  const item = holder.items[index];
  const isList = !yaml().isMap(holder);
  const start = isList ? dashBefore(text, startOfItem(item)) : startOfItem(item);
  const end = endOfItem(text, item);
  const from = lineStart(text, start);
  if (text.slice(from, start).trim() === "") return splice(text, from, nextLine(text, end), "");
  const after = holder.items[index + 1];
  if (after === undefined) throw unlike("a part of the file");
  const next = isList ? dashBefore(text, startOfItem(after)) : startOfItem(after);
  return splice(text, start, next, "");
}

/** The dash of an item: blanks, comments, tags and anchors may stand between. */
function dashBefore(text: string, start: number): number {
  const line = lineStart(text, start);
  const dash = /-[ \t]*$/.exec(text.slice(line, start));
  if (dash === null) throw unlike("an item");
  return line + dash.index;
}

/** A map or list that loses its last member stays, empty; a file stays with its comments. */
function cutLast(text: string, way: readonly Stop[], holder: Holder): string {
  const { pair } = way.at(-1) ?? {};
  const empty = yaml().isMap(holder) ? "{}" : "[]";
  const end = endOf(text, holder);
  if (pair !== undefined) {
    const colon = colonAfter(text, pair.key);
    const behind = /^[ \t]*#[^\r\n]*/.exec(text.slice(colon))?.[0] ?? "";
    return splice(text, colon, end, ` ${empty}${behind}`);
  }
  if (way.length > 1) return splice(text, startOf(holder), end, empty);
  const start = lineStart(text, startOf(holder));
  return empty === "{}" && text.slice(start, startOf(holder)).trim() === ""
    ? splice(text, start, nextLine(text, end), "")
    : splice(text, startOf(holder), end, empty);
}
