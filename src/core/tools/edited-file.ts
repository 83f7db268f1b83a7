/**
 * A text file of which a part is kept: read, edited as lines, told as a change, written. Must not know which part, nor why.
 * Files that are no UTF-8 text, and those beyond 16 MiB, are refused rather than damaged.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost, WriteOptions } from "../host.ts";
import { unifiedDiff } from "../text/diff.ts";
import { type Lines, parseLines, printLines } from "../text/lines.ts";
import { kindWords } from "./entry-kind.ts";

/** The lane of all that edit parts of files: of two edits of one file at the same time, one would be lost. */
export const editing = "editing";

export interface FileEdit {
  readonly path: string;
  /** Pure; refuses by throwing a `VigoError` that says what is wrong with the text. */
  readonly edit: (doc: Lines) => Lines;
  /** The part is to be there, so the file has to be. */
  readonly present: boolean;
  /** A file that is missing may be made. */
  readonly create: boolean;
}

/** One change, in the shape of a report; empty when the text stays as it is. */
type Difference = readonly {
  readonly field: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly cause: "intent";
  readonly diff?: string;
}[];

const mostBytes = 16 * 1024 * 1024;
const mostShown = 200;
/** Other lines of these are nobody's business, and a diff shows those around it. */
const secretive = /^\/etc\/g?shadow-?$/;

/** What the edit takes away and what it brings, and a diff. */
export async function editDifference(
  host: ReadHost,
  field: string,
  file: FileEdit,
): Promise<Difference> {
  const { is, text, wanted } = await edited(host, file);
  if (text === wanted && (is !== undefined || !file.present)) return [];
  if (is === undefined && !file.create)
    return [{ field, from: undefined, to: "in a file that is not there yet", cause: "intent" }];
  if (secretive.test(file.path))
    return [{ field, from: "as it is", to: "as declared", cause: "intent" }];
  const [from, to] = told(parseLines(text), parseLines(wanted));
  const diff = unifiedDiff(is, new TextEncoder().encode(wanted));
  return [{ field, from, to, cause: "intent", ...(diff !== undefined && { diff }) }];
}

/** Writes the edited text; owner and mode stay, `options` are for what is said about them and for new files. */
export async function writeEdit(
  host: Host,
  file: FileEdit,
  { fresh = 0o644, ...options }: WriteOptions & { readonly fresh?: number } = {},
): Promise<void> {
  const { is, text, wanted } = await edited(host, file);
  if (is === undefined && !file.present) return;
  if (is === undefined && !file.create)
    throw new VigoError("failed", `${file.path} is not there`, {
      hint: "depend on what makes it, or say create: true where the type has that",
    });
  if (is !== undefined && text === wanted) return;
  const mode = is === undefined ? { mode: fresh } : {};
  await host.write(file.path, new TextEncoder().encode(wanted), { ...mode, ...options });
}

async function edited(host: ReadHost, { path, edit, present, create }: FileEdit) {
  const is = await bytesOf(host, path);
  const text = textOf(path, is);
  if (is === undefined && !(present && create)) return { is, text, wanted: text };
  try {
    return { is, text, wanted: printLines(edit(parseLines(text))) };
  } catch (error) {
    if (!(error instanceof VigoError)) throw error;
    throw new VigoError(error.failure, `${path}: ${error.message}`, { hint: error.hint });
  }
}

async function bytesOf(host: ReadHost, path: string): Promise<Uint8Array | undefined> {
  const there = await host.stat(path, { follow: true });
  if (there === undefined) return undefined;
  if (there.kind !== "file")
    throw new VigoError("failed", `${path} is ${kindWords(there)}, not a file`, {
      hint: "correct the path, or move away what is there",
    });
  if (there.bytes > mostBytes)
    throw new VigoError("failed", `${path} has ${there.bytes} bytes: too big to edit`, {
      hint: "texts of up to 16 MiB are edited",
    });
  return await host.read(path);
}

function textOf(path: string, bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return "";
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new VigoError("failed", `${path} is not UTF-8 text, so it was left as it is`, {
    hint: "convert it with iconv, or keep it as a whole with type file",
  });
}

/** Lines that go and lines that come, where they are few; otherwise how many. */
function told(a: Lines, b: Lines): readonly [string | undefined, string | undefined] {
  const [x, y] = [a.lines.map(({ text }) => text), b.lines.map(({ text }) => text)];
  const shorter = Math.min(x.length, y.length);
  let head = 0;
  while (head < shorter && x[head] === y[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && x.at(-1 - tail) === y.at(-1 - tail)) tail += 1;
  return [inWords(x.slice(head, x.length - tail)), inWords(y.slice(head, y.length - tail))];
}

function inWords(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined;
  const all = lines.join("\n");
  return all.length <= mostShown ? all : `${lines.length} lines`;
}
