/**
 * Edits of a JSON text that leave every other byte: order, indentation, blanks and comments. Must not know files.
 */
import type { Json } from "../json.ts";
import { afterBlanks, type JsonMember, type JsonNode, readJson } from "./json-read.ts";
import { type KeyPath, reachOf, sameValue, throughNull, wrapped } from "./key-path.ts";
import { indentAt, lineEndAt, lineEndOf, lineStart, nextLine, splice } from "./splice.ts";

export const jsonValue = (text: string): Json => (isEmpty(text) ? {} : readJson(text).value);

const isEmpty = (text: string) => text.trim() === "";

/** The text with a value at a path; what is missing on the way is made. `indent`: blanks a level, as the text has them when left out. */
export function setJson(text: string, to: KeyPath, wish: Json, indent?: number): string {
  if (isEmpty(text)) {
    const unit = " ".repeat(indent ?? 2);
    return `${printed(wrapped(to, wish), unit, "", lineEndOf(text))}${lineEndOf(text)}`;
  }
  const root = readJson(text);
  const [path, value] = throughNull(root.value, to, wish);
  const reach = reachOf(root.value, path);
  const node = nodeAt(root, path.slice(0, reach));
  const unit = indent === undefined ? unitOf(text, root) : " ".repeat(indent);
  if (reach === path.length) {
    if (sameValue(node.value, value)) return text;
    const shown = isOneLine(text, node)
      ? compactOrNot(value, text, node, unit)
      : printed(value, unit, indentAt(text, node.start), lineEndOf(text));
    return splice(text, node.start, node.end, shown);
  }
  return addMember(text, node, path.slice(reach), value, unit);
}

/** The text without what is at a path; the same text where nothing is there. */
export function removeJson(text: string, path: KeyPath): string {
  if (isEmpty(text) || path.length === 0) return text;
  const holder = nodeMaybeAt(readJson(text), path.slice(0, -1));
  const step = path.at(-1);
  const index = holder?.members?.findIndex(({ key }, at) => (key ?? at) === step) ?? -1;
  return holder === undefined || index < 0 ? text : without(text, holder, index);
}

function nodeMaybeAt(root: JsonNode, path: KeyPath): JsonNode | undefined {
  let node: JsonNode | undefined = root;
  for (const step of path) node = node?.members?.find(({ key }, at) => (key ?? at) === step)?.node;
  return node;
}

function nodeAt(root: JsonNode, path: KeyPath): JsonNode {
  const node = nodeMaybeAt(root, path);
  if (node === undefined) throw new Error(`no node at ${path.join(".")}`);
  return node;
}

const isOneLine = (text: string, { start, end }: JsonNode) =>
  !text.slice(start, end).includes("\n");

/** A map or list on one line stays on one line; a new one is laid out unless what is around it is on one line too. */
function compactOrNot(value: Json, text: string, node: JsonNode, unit: string): string {
  const wasCollection = node.members !== undefined && node.members.length > 0;
  const isBare = !text.slice(0, node.start).includes("\n");
  return wasCollection || isBare
    ? oneLine(value, text)
    : printed(value, unit, indentAt(text, node.start), lineEndOf(text));
}

/** With a blank after colon and comma where the text has one. */
function oneLine(value: Json, text: string): string {
  const compact = JSON.stringify(value);
  if (!/":[ \t]|,[ \t]/.test(text)) return compact;
  const spaced = (inner: Json): string => {
    if (Array.isArray(inner)) return `[${inner.map(spaced).join(", ")}]`;
    if (typeof inner !== "object" || inner === null) return JSON.stringify(inner);
    const members = Object.entries(inner).map(
      ([key, one]) => `${JSON.stringify(key)}: ${spaced(one)}`,
    );
    return members.length === 0 ? "{}" : `{${members.join(", ")}}`;
  };
  return spaced(value);
}

const printed = (value: Json, unit: string, indent: string, end: string): string =>
  JSON.stringify(value, null, unit).replaceAll("\n", `${end}${indent}`);

/** The blanks of one level: how much deeper the first member on a line of its own stands. */
function unitOf(text: string, root: JsonNode): string {
  const [first] = root.members ?? [];
  const own = first && indentAt(text, first.start);
  const isAlone = first !== undefined && text.slice(root.start, first.start).includes("\n");
  const outer = indentAt(text, root.start);
  return isAlone && own !== undefined && own.length > outer.length ? own.slice(outer.length) : "  ";
}

function addMember(
  text: string,
  holder: JsonNode,
  rest: KeyPath,
  value: Json,
  unit: string,
): string {
  const [step, ...deeper] = rest;
  const inner = wrapped(deeper, value);
  const end = lineEndOf(text);
  const key = typeof step === "string" ? `${JSON.stringify(step)}: ` : "";
  const last = holder.members?.at(-1);
  if (last === undefined) {
    const outer = indentAt(text, holder.start);
    const inside = text.slice(holder.start + 1, holder.end - 1).trimEnd();
    const member = `${key}${printed(inner, unit, outer + unit, end)}`;
    return splice(
      text,
      holder.start + 1,
      holder.end - 1,
      `${inside}${end}${outer}${unit}${member}${end}${outer}`,
    );
  }
  const isLaidOut = isFirstOfLine(text, last);
  const tight = key.trimEnd();
  const member = isLaidOut
    ? `${key}${printed(inner, unit, indentAt(text, last.start), end)}`
    : `${/":[ \t]/.test(text) ? key : tight}${oneLine(inner, text)}`;
  const between = isLaidOut
    ? `${lineEndAt(text, last.node.end)}${indentAt(text, last.start)}`
    : /[,:][ \t]/.test(text)
      ? " "
      : "";
  return insertAfter(text, last, between, member, isLaidOut);
}

const isFirstOfLine = (text: string, { start }: JsonMember) =>
  text.slice(lineStart(text, start), start).trim() === "" && lineStart(text, start) > 0;

/** Behind the comma that is there, or behind a new one; a comment after the last member stays on its line. */
function insertAfter(
  text: string,
  last: JsonMember,
  between: string,
  member: string,
  laidOut: boolean,
) {
  const { end } = last.node;
  const next = afterBlanks(text, end);
  const hasComma = text[next] === ",";
  const head = hasComma ? text.slice(0, next + 1) : `${text.slice(0, end)},`;
  const from = hasComma ? next + 1 : end;
  const lineEnd = laidOut ? endOfComment(text, from) : from;
  return `${head}${text.slice(from, lineEnd)}${between}${member}${hasComma ? "," : ""}${text.slice(lineEnd)}`;
}

/** After a comment that begins on this line; the offset itself where there is none. */
function endOfComment(text: string, from: number): number {
  const found = /^[ \t]*(?:\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)/.exec(text.slice(from));
  return from + (found?.[0].length ?? 0);
}

function without(text: string, holder: JsonNode, index: number): string {
  const members = holder.members ?? [];
  const member = members[index] as JsonMember;
  const before = members[index - 1];
  const next = afterBlanks(text, member.node.end);
  const hasComma = text[next] === ",";
  const end = hasComma ? next + 1 : member.node.end;
  const isLast = index === members.length - 1;
  const cut = wholeLines(text, member.start, end);
  const less = splice(text, cut.start, cut.end, "");
  if (!isLast || before === undefined || hasComma) return less;
  const comma = afterBlanks(text, before.node.end);
  return splice(less, comma, comma + 1, "");
}

const oneComment = /^\s*(?:\/\/.*|\/\*(?:(?!\*\/).)*\*\/\s*)?$/;

/**
 * The lines of a stretch when nothing but its comment stands on them; otherwise the stretch with the blanks before the next thing.
 */
function wholeLines(text: string, start: number, end: number) {
  const from = lineStart(text, start);
  const to = nextLine(text, end);
  const isAlone =
    text.slice(from, start).trim() === "" && oneComment.test(text.slice(end, to).trimEnd());
  if (isAlone && from > 0 && to > end && text[to - 1] === "\n") return { start: from, end: to };
  const blanks = /^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0;
  const isBeforeClose = /[}\]\r\n]/.test(text[end + blanks] ?? "");
  const lead = /[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  return isBeforeClose ? { start: start - lead, end } : { start, end: end + blanks };
}
