/**
 * Lines of pam.d(5): type, control, module, its arguments. Order is meaning, and a control may jump over the next lines, so that
 * no line is put or taken where a jump goes over it. Must not know what modules do.
 */
import { VigoError } from "../errors.ts";
import { type Lines, retold, spliced, without } from "./lines.ts";

export interface PamEntry {
  /** auth, account, password, session. */
  readonly type: string;
  /** A missing module is no error (`-session`). */
  readonly optional: boolean;
  /** `required`, or `[success=1 default=ignore]`. */
  readonly control: string;
  readonly module: string;
  readonly args: string;
}

const line =
  /^\s*(-?)(auth|account|password|session)\s+(\[[^\]]*\]|[A-Za-z]+)\s+([^\s#]+)(?:\s+(.*))?$/i;

/** Undefined for comments, `@include` and what is no entry. */
export function parsePamLine(text: string): PamEntry | undefined {
  const [, dash, type = "", control = "", module = "", rest] = line.exec(text) ?? [];
  if (module === "") return undefined;
  const args = (rest ?? "").replace(/(?:^|\s+)#.*$/, "");
  const spaced = (words: string) => words.trim().replace(/\s+/g, " ");
  return {
    type: type.toLowerCase(),
    optional: dash === "-",
    control: spaced(control),
    module,
    args: spaced(args),
  };
}

export const printPamEntry = ({ type, optional, control, module, args }: PamEntry): string =>
  `${optional ? "-" : ""}${type}\t${control}\t${module}${args === "" ? "" : ` ${args}`}`;

/** `begin` and `end` of the lines of its type, or beside the line whose module or included file is named. */
export const pamPosition = /^(?:begin|end|(?:before|after):[\w./-]+)$/;

/** With this entry in it: where its module stands once for this type already, that line is mended and stays in its place. */
export function withPamEntry(doc: Lines, entry: PamEntry, position: string): Lines {
  refuseContinued(doc);
  const entries = entriesOf(doc);
  const same = entries.findIndex((it) => it !== undefined && isSame(it, entry));
  if (same >= 0) return doc;
  const ofModule = indices(entries, (it) => it.type === entry.type && it.module === entry.module);
  const exact = ofModule.filter((at) => entries[at]?.args === entry.args);
  const [at] = exact.length > 0 ? exact : ofModule;
  if (ofModule.length > 1 && exact.length !== 1)
    throw new VigoError(
      "failed",
      `${entry.module} stands ${ofModule.length} times for ${entry.type}`,
      {
        hint: "say which one is meant by its arguments: where they are the same, its control is mended",
      },
    );
  if (at !== undefined) return retold(doc, at, printPamEntry(entry) + noteOf(doc, at));
  const place = placeFor(doc, entries, entry, position);
  refuseJump(entries, entry.type, place, "put");
  return spliced(doc, place, 0, [printPamEntry(entry)]);
}

/** Without the lines of this type and module, and with these arguments if any were given. */
export function withoutPamEntry(doc: Lines, entry: PamEntry): Lines {
  refuseContinued(doc);
  const entries = entriesOf(doc);
  const gone = indices(
    entries,
    (it) =>
      it.type === entry.type &&
      it.module === entry.module &&
      (entry.args === "" || it.args === entry.args),
  );
  for (const at of gone) refuseJump(entries, entry.type, at, "take");
  return without(doc, (_, at) => gone.includes(at));
}

/** What was written behind an entry. */
const noteOf = (doc: Lines, at: number) => /\s+#.*$/.exec(doc.lines[at]?.text ?? "")?.[0] ?? "";

type Entries = readonly (PamEntry | undefined)[];

const entriesOf = (doc: Lines): Entries => doc.lines.map(({ text }) => parsePamLine(text));

const indices = (entries: Entries, is: (entry: PamEntry) => boolean): readonly number[] =>
  entries.flatMap((entry, at) => (entry !== undefined && is(entry) ? [at] : []));

const isSame = (a: PamEntry, b: PamEntry) => printPamEntry(a) === printPamEntry(b);

/** A line that goes on in the next one is not one line, and this module moves lines. */
function refuseContinued(doc: Lines): void {
  const at = doc.lines.findIndex(({ text }) => text.endsWith("\\"));
  if (at >= 0)
    throw new VigoError("failed", `line ${at + 1} goes on in the next one, which is not edited`, {
      hint: "write it as one line",
    });
}

function placeFor(doc: Lines, entries: Entries, entry: PamEntry, position: string): number {
  const [side = "", name] = position.split(":");
  if (name !== undefined) {
    const is = (text: string, at: number) =>
      (entries[at]?.type === entry.type && entries[at]?.module === name) ||
      new RegExp(`^\\s*@include\\s+${name.replace(/\./g, "\\.")}\\s*(?:#|$)`).test(text);
    const texts = doc.lines.map(({ text }) => text);
    const at = side === "before" ? texts.findIndex(is) : texts.findLastIndex(is);
    if (at < 0)
      throw new VigoError("failed", `it has no ${name} for ${entry.type} to stand ${side}`, {
        hint: "correct the position, or use begin or end",
      });
    return side === "before" ? at : at + 1;
  }
  const own = indices(entries, ({ type }) => type === entry.type);
  if (own.length === 0) return doc.lines.length;
  return side === "begin" ? (own[0] ?? 0) : (own.at(-1) ?? 0) + 1;
}

/** A jump counts the lines of its type that follow: none may come or go among those. */
function refuseJump(entries: Entries, type: string, place: number, act: "put" | "take"): void {
  for (const [at, entry] of entries.slice(0, place).entries()) {
    if (entry?.type !== type) continue;
    const longest = Math.max(
      0,
      ...[...entry.control.matchAll(/=(\d+)/g)].map(([, n]) => Number(n)),
    );
    const between = indices(entries, (it) => it.type === type).filter((i) => i > at && i < place);
    if (between.length >= longest) continue;
    throw new VigoError(
      "failed",
      `line ${at + 1} (${entry.module}) jumps over ${longest} lines: no line is to be ${act === "put" ? "put" : "taken"} there`,
      { hint: "choose another position, or keep the file as a whole with type file" },
    );
  }
}
