/**
 * Edits of a TOML text that leave every other byte: comments, order, blanks. Tables are edited key by key; a new table gets a
 * header of its own behind its kin. Must not know files.
 */
import { VigoError } from "../errors.ts";
import type { Json } from "../json.ts";
import { isList, isMap, type KeyPath, reachOf, sameValue, valueAt, wrapped } from "./key-path.ts";
import { indentAt, lineEndOf, lineStart, nextLine, splice } from "./splice.ts";
import { readToml, type Toml, type TomlEntry, type TomlNode, type TomlTable } from "./toml-read.ts";
import { tomlKey, tomlText } from "./toml-words.ts";

export const tomlValue = (text: string): Json => readToml(text).value;

const begins = (path: KeyPath, head: KeyPath) => head.every((step, at) => path[at] === step);

/** The text with a value at a path; what is missing on the way is made. */
export function setToml(text: string, path: KeyPath, value: Json): string {
  const toml = readToml(text);
  if (sameValue(valueAt(toml.value, path), value)) return text;
  const reach = reachOf(toml.value, path);
  if (reach < path.length)
    return add(text, toml, path.slice(0, reach + 1), wrapped(path.slice(reach + 1), value));
  const found = entryAt(toml, path);
  if (found !== undefined) {
    const { start, end } = found.node;
    return splice(text, start, end, tomlText(value, text.slice(start, end)));
  }
  return setInside(text, toml, path, value);
}

/** A table, or a list of tables, becomes another one by its keys and items. */
function setInside(text: string, toml: Toml, path: KeyPath, value: Json): string {
  const former = valueAt(toml.value, path);
  if (isMap(former) && isMap(value)) {
    const more = Object.entries(value).reduce(
      (now, [key, one]) => setToml(now, [...path, key], one),
      text,
    );
    const surplus = Object.keys(former).filter((key) => !Object.hasOwn(value, key));
    return surplus.reduce((now, key) => removeToml(now, [...path, key]), more);
  }
  if (isList(former) && isList(value) && value.length > 0) {
    const more = value.reduce<string>((now, one, at) => setToml(now, [...path, at], one), text);
    const surplus = former.keys().filter((at) => at >= value.length);
    return [...surplus].reverse().reduce((now, at) => removeToml(now, [...path, at]), more);
  }
  throw unlike(path);
}

const unlike = (path: KeyPath) =>
  new VigoError("failed", `${path.join(".")} is a table, spelled in a way that is not edited`, {
    hint: "remove it first, or change it by hand once",
  });

interface Found {
  readonly node: TomlNode;
  readonly table: TomlTable;
  readonly entry: TomlEntry;
  /** The inline table or list it stands in. */
  readonly holder?: TomlNode;
}

/** What is written as a value at a path. */
function entryAt({ tables }: Toml, path: KeyPath): Found | undefined {
  for (const table of tables) {
    if (!begins(path, table.path)) continue;
    const rest = path.slice(table.path.length);
    const entry = table.entries.find((one) => begins(rest, one.path));
    const found = entry && inside(entry, rest.slice(entry.path.length));
    if (entry !== undefined && found !== undefined) return { table, ...found };
  }
  return undefined;
}

function inside(
  entry: TomlEntry,
  rest: KeyPath,
  holder?: TomlNode,
): Omit<Found, "table"> | undefined {
  const { node } = entry;
  if (rest.length === 0) return holder === undefined ? { entry, node } : { entry, node, holder };
  const [step] = rest;
  const members = node.members ?? [];
  const member =
    typeof step === "number"
      ? members[step]
      : members.find(({ path }) => path.length > 0 && begins(rest, path));
  if (member === undefined) return undefined;
  return inside(member, rest.slice(Math.max(1, member.path.length)), node);
}

/** `path` leads one step beyond what is there. */
function add(text: string, toml: Toml, path: KeyPath, value: Json): string {
  const holder = path.slice(0, -1);
  const step = path.at(-1) ?? "";
  const inline = entryAt(toml, holder);
  if (inline !== undefined) return addInline(text, inline.node, step, value);
  const own = toml.tables.find(
    (table) => table.path.length === holder.length && begins(table.path, holder),
  );
  const isItem = typeof step === "number";
  if (isItem || (isMap(value) && !isDotted(toml, holder)))
    return addTable(text, toml, path, value, isItem);
  if (own !== undefined)
    return addLine(text, own, own.entries.at(-1), `${tomlKey(step)} = ${tomlText(value)}`);
  for (const table of toml.tables.filter((one) => one.path.length < holder.length)) {
    const kin = table.entries.findLast((entry) => begins([...table.path, ...entry.path], holder));
    if (kin === undefined) continue;
    const key = path.slice(table.path.length).map(tomlKey).join(".");
    return addLine(text, table, kin, `${key} = ${tomlText(value)}`);
  }
  return addHeader(text, toml, holder, step, value);
}

/** Is a table made by dotted keys (`a.b = 1`) alone? Such a one takes no header. */
const isDotted = ({ tables }: Toml, path: KeyPath) =>
  path.length > 0 &&
  tables.some((table) =>
    table.entries.some((entry) => {
      const full = [...table.path, ...entry.path];
      return full.length > path.length && table.path.length < path.length && begins(full, path);
    }),
  );

function addInline(
  text: string,
  { members = [], start, end }: TomlNode,
  step: string | number,
  value: Json,
) {
  const put = typeof step === "number" ? tomlText(value) : `${tomlKey(step)} = ${tomlText(value)}`;
  const last = members.at(-1);
  const isTable = text[start] === "{";
  if (last === undefined)
    return splice(
      text,
      start + 1,
      end - 1,
      isTable ? ` ${put} ` : `${put}${text.slice(start + 1, end - 1).trimStart()}`,
    );
  const isOwnLine =
    text.slice(lineStart(text, last.start), last.start).trim() === "" &&
    last.start > start + 1 &&
    text.slice(start, last.start).includes("\n");
  const between = isOwnLine ? `${lineEndOf(text)}${indentAt(text, last.start)}` : " ";
  const comma = /^(?:[ \t\r\n]|#[^\n]*)*,/.exec(text.slice(last.node.end, end))?.[0].length;
  if (comma === undefined) return splice(text, last.node.end, last.node.end, `,${between}${put}`);
  const behind = last.node.end + comma;
  const at =
    behind + (isOwnLine ? (/^[ \t]*#[^\r\n]*/.exec(text.slice(behind))?.[0].length ?? 0) : 0);
  return splice(text, at, at, `${between}${put},`);
}

/** Behind the last of its kin; in a table without any, behind its header; before the first header for the file's own. */
function addLine(text: string, table: TomlTable, kin: TomlEntry | undefined, line: string): string {
  const end = lineEndOf(text);
  if (kin !== undefined)
    return putLine(text, nextLine(text, kin.node.end), `${indentAt(text, kin.start)}${line}`);
  if (table.path.length > 0)
    return putLine(text, table.body, `${indentAt(text, table.start)}${line}`);
  const header = /^[ \t]*\[/m.exec(text)?.index;
  if (header === undefined) return putLine(text, text.length, line);
  const gap = /^(?:[ \t]*#[^\n]*\n)*(?:[ \t]*\r?\n)+/.exec(text.slice(0, header))?.[0].length ?? 0;
  return splice(text, gap, gap, `${line}${end}${end}`);
}

/** A line of its own at the beginning of a line, or at the end of a text without a last line end. */
function putLine(text: string, at: number, line: string): string {
  const end = lineEndOf(text);
  if (at < text.length || text === "" || text.endsWith("\n"))
    return splice(text, at, at, line + end);
  return `${text}${end}${line}`;
}

function addTable(
  text: string,
  { tables }: Toml,
  path: KeyPath,
  value: Json,
  isItem: boolean,
): string {
  if (!isMap(value)) throw unlike(path.slice(0, -1));
  const kin = path.slice(0, -1);
  const last = tables.findLast((table) => begins(table.path, kin));
  const at = last === undefined || kin.length === 0 ? text.length : endOf(text, last);
  const end = lineEndOf(text);
  const lines = tableLines(path, value, isItem);
  const before = text.slice(0, at);
  const lead = before === "" ? "" : before.endsWith("\n") ? end : `${end}${end}`;
  const isOpen = text !== "" && !text.endsWith("\n") && at === text.length;
  return splice(text, at, at, `${lead}${lines.join(end)}${isOpen ? "" : end}`);
}

const headerOf = (path: KeyPath, isItem = false) => {
  const keys = path
    .filter((step) => typeof step === "string")
    .map(tomlKey)
    .join(".");
  return isItem ? `[[${keys}]]` : `[${keys}]`;
};

function tableLines(
  path: KeyPath,
  value: Readonly<Record<string, Json>>,
  isItem: boolean,
): readonly string[] {
  const entries = Object.entries(value);
  const own = entries.filter(([, one]) => !isMap(one));
  const below = entries.flatMap(([key, one]) =>
    isMap(one) ? ["", ...tableLines([...path, key], one, false)] : [],
  );
  return [
    headerOf(path, isItem),
    ...own.map(([key, one]) => `${tomlKey(key)} = ${tomlText(one)}`),
    ...below,
  ];
}

/** Behind the last line that is a table's own. */
function endOf(text: string, { entries, body }: TomlTable): number {
  const last = entries.at(-1);
  return last === undefined ? body : nextLine(text, last.node.end);
}

/** A table that so far is only on the way to others gets its header before the first of them. */
function addHeader(
  text: string,
  { tables }: Toml,
  holder: KeyPath,
  step: string | number,
  value: Json,
): string {
  const first = tables.find((table) => begins(table.path, holder));
  if (first === undefined) throw unlike(holder);
  const end = lineEndOf(text);
  const at = lineStart(text, first.start);
  return splice(
    text,
    at,
    at,
    `${headerOf(holder)}${end}${tomlKey(step)} = ${tomlText(value)}${end}${end}`,
  );
}

/** The text without what is at a path; the same text where nothing is there. */
export function removeToml(text: string, path: KeyPath): string {
  const toml = readToml(text);
  if (path.length === 0 || valueAt(toml.value, path) === undefined) return text;
  const found = entryAt(toml, path);
  const parent = path.slice(0, -1);
  const less = found === undefined ? cutTables(text, toml, path) : cutEntry(text, found);
  if (valueAt(readToml(less).value, parent) !== undefined) return less;
  if (isList(valueAt(toml.value, parent))) throw unlike(parent);
  return keepEmpty(less, parent);
}

/** A table that has lost its last key stays, empty. */
function keepEmpty(text: string, path: KeyPath): string {
  const toml = readToml(text);
  const reach = reachOf(toml.value, path);
  return add(text, toml, path.slice(0, reach + 1), wrapped(path.slice(reach + 1), {}));
}

function cutEntry(text: string, { node, entry, holder }: Found): string {
  if (holder === undefined)
    return splice(text, lineStart(text, entry.start), nextLine(text, node.end), "");
  const members = holder.members ?? [];
  const at = members.indexOf(entry);
  const [before, after] = [members[at - 1], members[at + 1]];
  if (after !== undefined) return splice(text, entry.start, after.start, "");
  if (before !== undefined) return splice(text, before.node.end, node.end, "");
  return splice(text, holder.start + 1, holder.end - 1, "");
}

/** Tables at and below a path, and dotted keys that lead through it, from the last to the first. */
function cutTables(text: string, { tables }: Toml, path: KeyPath): string {
  const cuts = tables.flatMap((table) => {
    if (begins(table.path, path)) {
      const end = endOf(text, table);
      const isFollowed = /^[ \t]*\r?\n/.exec(text.slice(end))?.[0].length ?? 0;
      return [{ start: lineStart(text, table.start), end: end + isFollowed }];
    }
    return table.entries
      .filter((entry) => begins([...table.path, ...entry.path], path))
      .map(({ start, node }) => ({ start: lineStart(text, start), end: nextLine(text, node.end) }));
  });
  return cuts.reverse().reduce((now, { start, end }) => splice(now, start, end, ""), text);
}
