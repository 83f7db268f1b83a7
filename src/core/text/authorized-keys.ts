/** Lines of `authorized_keys` (sshd(8)): options, kind, key, comment. Must not know where the file is, nor whose it is. */
import {
  type Lines,
  parseLines,
  printLines,
  retold,
  spliced,
  without,
  withLines,
} from "./lines.ts";

interface Parts {
  readonly options: string;
  readonly kind: string;
  readonly blob: string;
  readonly comment: string;
}

/** As sshd reads it: options end at the first blank outside of quotes, and `\\"` is no quote. */
const keyRow =
  /^(?:((?:\\"|\\(?!")|"(?:\\"|\\(?!")|[^"\\])*"|[^\s"\\])+)[ \t]+)?([^\s"#,=]+)[ \t]+(AAAA[A-Za-z0-9+/]+=*)(?:\s+(.*))?$/;

function partsOf(text: string): Parts | undefined {
  const trimmed = text.trim();
  const [all, options = "", kind = "", blob = "", comment = ""] = keyRow.exec(trimmed) ?? [];
  if (all === undefined || trimmed.startsWith("#")) return undefined;
  return { options, kind, blob, comment };
}

/** The key itself, which tells two lines apart; undefined where a line holds none. */
export const keyBlob = (line: string): string | undefined => partsOf(line)?.blob;

/** `text` with these key lines; those that are there in other words are replaced in place. Comments stay. */
export function withKeys(text: string, keys: readonly string[], exclusive: boolean): string {
  // What holds no key that sshd knows is told apart as a text, so that it is not added again and again.
  const nameOf = (line: string) => keyBlob(line) ?? line.trim();
  const wanted = new Map(keys.map((key) => [nameOf(key), key.trim()]));
  const done = new Set<string>();
  const doc = parseLines(text);
  const kept = doc.lines.flatMap((line) => {
    const name = nameOf(line.text);
    const right = wanted.get(name);
    if (right === undefined) return exclusive && keyBlob(line.text) !== undefined ? [] : [line];
    if (done.has(name)) return [];
    done.add(name);
    return [line.text.trim() === right ? line : { ...line, text: right }];
  });
  const missing = [...wanted].filter(([name]) => !done.has(name)).map(([, line]) => line);
  return printLines(spliced(withLines(doc, kept), kept.length, 0, missing));
}

export interface KeyWish {
  /** `ssh-ed25519 AAAA…`, without options and comment. */
  readonly key: string;
  /** As sshd(8) takes them; empty for none. */
  readonly options: string;
  /** Undefined leaves the one that is there. */
  readonly comment?: string;
  /** No other keys. */
  readonly exclusive: boolean;
}

/** The key with these options, once: in place when it is there in other words. Comment lines stay. */
export function withAuthorizedKey(doc: Lines, wish: KeyWish): Lines {
  const blob = keyBlob(wish.key);
  const blobs = doc.lines.map(({ text }) => keyBlob(text));
  const at = blobs.indexOf(blob);
  const others = (is: string | undefined, i: number) =>
    is !== undefined && i !== at && (wish.exclusive || is === blob);
  const put =
    at < 0
      ? spliced(doc, doc.lines.length, 0, [keyWords(wish)])
      : retold(doc, at, keyLine(doc.lines[at]?.text ?? "", wish));
  return without(put, (_, i) => others(blobs[i], i));
}

export const withoutAuthorizedKey = (doc: Lines, key: string): Lines =>
  without(doc, (text) => keyBlob(text) === keyBlob(key));

/** The line itself where it says the same. */
function keyLine(text: string, wish: KeyWish): string {
  const is = partsOf(text);
  const right =
    is?.options === wish.options &&
    `${is.kind} ${is.blob}` === wish.key &&
    (wish.comment === undefined || wish.comment === is.comment);
  return right ? text : words(wish.options, wish.key, wish.comment ?? is?.comment);
}

/** The line of a new one. */
export const keyWords = ({ options, key, comment }: KeyWish): string =>
  words(options, key, comment);

const words = (...all: readonly (string | undefined)[]) =>
  all.filter((word) => word !== undefined && word !== "").join(" ");
