/**
 * One value in a file of maps and lists: read, edited by the editor of its format, proven, written back. Whatever the format, an
 * edit counts only when the new text reads as the old one with that value changed. Must not know any format.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { unifiedDiff } from "../text/diff.ts";
import {
  type KeyPath,
  parseKeyPath,
  plainValue,
  printKeyPath,
  sameValue,
  valueAt,
  withoutValue,
  withValue,
} from "../text/key-path.ts";
import { headOf } from "../text/cut.ts";

type Value = ReturnType<typeof plainValue>;

/** Pure functions of a format; each rejects what it cannot read. */
export interface Editor {
  read(text: string): Value;
  set(text: string, path: KeyPath, value: Value, indent?: number): string;
  remove(text: string, path: KeyPath): string;
}

export interface ValueWish {
  readonly target_path: string;
  readonly state: "present" | "absent";
  readonly key: string;
  readonly value?: Value | undefined;
  readonly value_type: "auto" | "text" | "json";
  readonly indent?: number;
  readonly create: boolean;
  readonly validate?: string;
}

export interface ValueChange {
  readonly field: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly cause: "intent";
  readonly diff?: string;
}

/** Configuration is far smaller; whatever is larger is no file to edit by value. */
const most = 4 * 1024 * 1024;

export async function valueChange(
  host: ReadHost,
  wish: ValueWish,
  editor: Editor,
): Promise<readonly ValueChange[]> {
  const text = await editableText(host, wish.target_path);
  const path = parseKeyPath(wish.key);
  const before = text === undefined ? undefined : valueAt(readIn(wish, editor, text), path);
  const after = edited(wish, editor, text);
  if (after === text) return [];
  const diff = unifiedDiff(text === undefined ? undefined : bytes(text), bytes(after ?? ""));
  const to = wish.state === "absent" ? undefined : shown(wanted(wish));
  const from = before === undefined ? undefined : shown(before);
  const change = { field: printKeyPath(path), from, to, cause: "intent" as const };
  return [diff === undefined ? change : { ...change, diff }];
}

export async function writeValue(host: Host, wish: ValueWish, editor: Editor): Promise<void> {
  const text = await editableText(host, wish.target_path);
  const after = edited(wish, editor, text);
  if (after === undefined || after === text) return;
  if (text === undefined && !wish.create)
    throw new VigoError("failed", `${wish.target_path} is not there`, {
      hint: "say create: true to make it, or depend on what makes it",
    });
  await host.write(wish.target_path, bytes(after), {
    ...(text === undefined && { mode: 0o644 }),
    ...(wish.validate !== undefined && { validate: wish.validate }),
  });
}

/** UTF-8 with whatever mark it begins with; undefined where there is no file. */
export async function editableText(host: ReadHost, path: string): Promise<string | undefined> {
  const found = await host.read(path, { limit: most + 1 });
  if (found === undefined) return undefined;
  if (found.length > most)
    throw new VigoError("failed", `${path} is larger than ${most} bytes`, {
      hint: "keep it as a whole with a file resource",
    });
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(found);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new VigoError("failed", `${path} is not UTF-8 text`, {
      hint: "keep it with a file resource",
    });
  }
}

const markOf = (text: string) => (text.startsWith("\uFEFF") ? "\uFEFF" : "");

const readIn = (wish: ValueWish, editor: Editor, marked: string): Value =>
  within(wish, () => editor.read(marked.slice(markOf(marked).length)));

const bytes = (text: string) => new TextEncoder().encode(text);

/** The new text; undefined where there is no file and none is wanted. */
function edited(wish: ValueWish, editor: Editor, marked: string | undefined): string | undefined {
  if (marked === undefined && wish.state === "absent") return undefined;
  const mark = markOf(marked ?? "");
  const text = (marked ?? "").slice(mark.length);
  const path = parseKeyPath(wish.key);
  const former = within(wish, () => editor.read(text));
  const value = wanted(wish);
  if (wish.state === "present" && sameValue(valueAt(former, path), value)) return marked;
  if (wish.state === "absent" && valueAt(former, path) === undefined) return marked;
  const after = within(wish, () =>
    wish.state === "absent"
      ? editor.remove(text, path)
      : editor.set(text, path, value, wish.indent),
  );
  const meant =
    wish.state === "absent" ? withoutValue(former, path) : withValue(former, path, value);
  if (!sameValue(readAgain(editor, after), meant)) throw unsafe(wish);
  return mark + after;
}

/** What an editor makes must be readable; where it is not, that is no fault of the file. */
function readAgain(editor: Editor, text: string): Value | undefined {
  try {
    return editor.read(text);
  } catch (error) {
    if (error instanceof VigoError) return undefined;
    throw error;
  }
}

const unsafe = ({ key, target_path }: ValueWish) =>
  new VigoError(
    "failed",
    `${key} in ${target_path} cannot be edited without touching its surroundings`,
    {
      hint: "it is spelled in a way this type does not edit: change it by hand once, or keep the whole file",
    },
  );

/** Rejections of an editor know no file: the file is put before them. */
function within<T>({ target_path }: ValueWish, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof VigoError)) throw error;
    throw new VigoError(error.failure, `${target_path}: ${error.message}`, {
      hint: error.hint,
      cause: error,
    });
  }
}

function wanted({ value, value_type }: ValueWish): Value {
  if (value_type === "text") return value ?? "";
  if (value_type === "auto") return plainValue(value ?? null);
  return JSON.parse(typeof value === "string" ? value : "null") as Value;
}

/** Is this a JSON text? For schemas. */
export function isJsonText(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    JSON.parse(value);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const longest = 200;

function shown(value: Value): string {
  return headOf(JSON.stringify(value), longest);
}
