/** Lines of limits.conf(5): domain, type, item, value between blanks. Must not know which file they are in. */
import { type Lines, retold, spliced, without } from "./lines.ts";

export interface LimitPlace {
  readonly domain: string;
  /** `soft`, `hard`, or `-` for both. */
  readonly type: string;
  readonly item: string;
}

/** Where a limit stands twice the last line counts, so that one is set. */
export function withLimit(doc: Lines, place: LimitPlace, value: string): Lines {
  const at = doc.lines.findLastIndex(({ text }) => isAbout(text, place));
  const { domain, type, item } = place;
  if (at < 0) return spliced(doc, doc.lines.length, 0, [`${domain} ${type} ${item} ${value}`]);
  const text = doc.lines[at]?.text ?? "";
  return retold(
    doc,
    at,
    text.replace(row, (_, before: string) => `${before}${value}`),
  );
}

export const withoutLimit = (doc: Lines, place: LimitPlace): Lines =>
  without(doc, (text) => isAbout(text, place));

const row = /^(\s*[^\s#]+\s+(?:soft|hard|-)\s+[^\s#]+\s+)[^\s#]+/;

function isAbout(text: string, { domain, type, item }: LimitPlace): boolean {
  const [is, isType, isItem] = row.test(text) ? text.trim().split(/\s+/) : [];
  return is === domain && isType === type && isItem === item;
}
