/** Lines of `authorized_keys` (sshd(8)): options, kind, key, comment. Must not know where the file is, nor whose it is. */
import { type Lines, retold, spliced, without } from "./lines.ts";

/** The key itself, which tells two lines apart; undefined where a line holds none. */
export const keyBlob = (line: string): string | undefined =>
  line.startsWith("#") ? undefined : /(?:^|\s)(AAAA[A-Za-z0-9+/]+=*)(?:\s|$)/.exec(line)?.[1];

/** `text` with these key lines; those that are there in other words are replaced in place. Comments stay. */
export function withKeys(text: string, keys: readonly string[], exclusive: boolean): string {
  const wanted = new Map(keys.map((key) => [keyBlob(key.trim()), key.trim()]));
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const done = new Set<string | undefined>();
  const kept = lines.flatMap((line) => {
    const blob = keyBlob(line.trim());
    if (blob === undefined) return [line];
    const right = wanted.get(blob);
    if (right === undefined) return exclusive ? [] : [line];
    if (done.has(blob)) return [];
    done.add(blob);
    return [right];
  });
  const missing = [...wanted].filter(([blob]) => !done.has(blob)).map(([, line]) => line);
  return [...kept, ...missing].map((line) => `${line}\n`).join("");
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
  const blobs = doc.lines.map(({ text }) => keyBlob(text.trim()));
  const at = blobs.indexOf(blob);
  const others = (is: string | undefined, i: number) =>
    is !== undefined && i !== at && (wish.exclusive || is === blob);
  const put =
    at < 0
      ? spliced(doc, doc.lines.length, 0, [words(wish.options, wish.key, wish.comment)])
      : retold(doc, at, keyLine(doc.lines[at]?.text ?? "", wish));
  return without(put, (_, i) => others(blobs[i], i));
}

export const withoutAuthorizedKey = (doc: Lines, key: string): Lines =>
  without(doc, (text) => keyBlob(text.trim()) === keyBlob(key));

/** The line itself where it says the same. */
function keyLine(text: string, wish: KeyWish): string {
  const [, options = "", kind = "", blob = "", comment = ""] =
    /^\s*(?:(.*\S)\s+)?(\S+)\s+(AAAA\S+)\s*(.*?)\s*$/.exec(text) ?? [];
  const right =
    options === wish.options &&
    `${kind} ${blob}` === wish.key &&
    (wish.comment === undefined || wish.comment === comment);
  return right ? text : words(wish.options, wish.key, wish.comment ?? comment);
}

const words = (...all: readonly (string | undefined)[]) =>
  all.filter((word) => word !== undefined && word !== "").join(" ");
