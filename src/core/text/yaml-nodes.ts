/**
 * Where the values of a YAML text stand: the nodes that the `yaml` package composes, and their ends as an editor needs them.
 * Must not change anything.
 */
import type { Alias, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { VigoError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { KeyPath } from "./key-path.ts";
import { lineStart, unreadable } from "./splice.ts";

export type Node = Scalar | YAMLMap | YAMLSeq | Alias;
export type Holder = YAMLMap | YAMLSeq;

export const yaml = () => require("yaml") as typeof import("yaml");
/** A composed value takes a thousand times its letters. */
const most = 1024 * 1024;

/** One document; an empty text is a map with nothing. Rejects with line and column. */
export function compose(text: string): { readonly root: Node | undefined; readonly value: Json } {
  if (text.length > most)
    throw new VigoError("failed", `YAML of more than ${most} letters is not edited`);
  const options = {
    version: "1.2",
    merge: false,
    prettyErrors: false,
    logLevel: "silent",
  } as const;
  const documents = yaml().parseAllDocuments(text, options);
  if (!Array.isArray(documents)) return { root: undefined, value: {} };
  const [document, second] = documents;
  const [error] = document?.errors ?? [];
  if (error) throw unreadable("YAML", text, error.pos[0], lowerFirst(error.message));
  if (second) throw unreadable("YAML", text, second.range[0], "several documents in one file");
  const root = (document?.contents ?? undefined) as Node | undefined;
  const value = document === undefined || root === undefined ? {} : (document.toJS() as Json);
  return { root, value: value ?? {} };
}

const lowerFirst = (message: string) => message.charAt(0).toLowerCase() + message.slice(1);

export const isNothing = (node: Node) =>
  yaml().isScalar(node) && node.value === null && node.source === "";

/** One step: the node, and the pair or the place in a list that holds it. */
export interface Stop {
  readonly node: Node | undefined;
  readonly pair?: Pair<Node, Node | null>;
  readonly holder?: Holder;
}

export function wayTo(root: Node, path: KeyPath): readonly Stop[] {
  const way: Stop[] = [{ node: root }];
  for (const step of path) {
    const holder = holderAt(way);
    const item = holder.items[indexIn(holder, step)];
    if (yaml().isPair(item)) {
      const pair = item as Pair<Node, Node | null>;
      way.push({ node: pair.value ?? undefined, pair, holder });
    } else way.push({ node: item as Node, holder });
  }
  return way;
}

export function holderAt(way: readonly Stop[]): Holder {
  const node = way.at(-1)?.node;
  if (yaml().isCollection(node)) return node as Holder;
  if (yaml().isAlias(node)) throw unlike(`*${node.source}, an alias,`);
  throw unlike("a part of the file");
}

export const unlike = (what: string) =>
  new VigoError("failed", `${what} is spelled in a way that is not edited`, {
    hint: "change it by hand once, or keep the whole file with a file resource",
  });

export function indexIn(holder: Holder, step: string | number | undefined): number {
  if (typeof step === "number") return step;
  return holder.items.findIndex((item) => {
    const key = yaml().isPair(item) ? item.key : undefined;
    return yaml().isScalar(key) && (key.value === null ? "" : String(key.value)) === step;
  });
}

export const startOf = (node: Node): number => node.range?.[0] ?? missing();
export const missing = (): never => {
  throw new Error("a node without a place");
};

/** Behind the last letter of a value, however deep that is; before the line end. */
export function endOf(text: string, node: Node): number {
  const last =
    yaml().isCollection(node) && (node as Holder).flow !== true ? node.items.at(-1) : undefined;
  if (yaml().isPair(last)) return endOfPair(text, last as Pair<Node, Node | null>);
  if (last !== undefined) return endOf(text, last as Node);
  const end = node.range?.[1] ?? missing();
  return isBlockScalar(node)
    ? end - (/\r?\n$/.exec(text.slice(startOf(node), end))?.[0].length ?? 0)
    : end;
}

export const isBlockScalar = (node: Node) =>
  yaml().isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED");

export function endOfPair(text: string, { key, value }: Pair<Node, Node | null>): number {
  const colon = colonAfter(text, key);
  return value === null ? colon : Math.max(colon, endOf(text, value));
}

/** Behind the colon of a key. A key behind a question mark has it elsewhere. */
export function colonAfter(text: string, key: Node): number {
  const end = key.range?.[1] ?? missing();
  const found = /^[ \t]*:/.exec(text.slice(end));
  return found === null ? end : end + found[0].length;
}

export const columnOf = (text: string, at: number) => at - lineStart(text, at);

export const startOfItem = (item: unknown): number =>
  startOf(yaml().isPair(item) ? (item.key as Node) : (item as Node));
export const endOfItem = (text: string, item: unknown): number =>
  yaml().isPair(item)
    ? endOfPair(text, item as Pair<Node, Node | null>)
    : endOf(text, item as Node);
