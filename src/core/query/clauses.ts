/**
 * Cuts a query into its parts: `where …`, `select …`, `group by …`, in any order; what stands before them is selected. Must not know what
 * the parts say.
 */

export type ClauseName = "where" | "select" | "group by";

export interface Clause {
  readonly name: ClauseName;
  readonly text: string;
  /** Of its first letter in the query, from 0. */
  readonly start: number;
  /** Of the word that names it. */
  readonly at: number;
}

const keyword = /(?:where|select|group\s+by)(?![\w.[:-])/iy;
const space = /\s/;
const brackets: Readonly<Record<string, number>> = {
  "(": 1,
  "[": 1,
  "{": 1,
  ")": -1,
  "]": -1,
  "}": -1,
};

/** In the order they are written. */
export function clausesOf(query: string): readonly Clause[] {
  const marks = [...keywords(query)];
  const first = marks[0]?.at ?? query.length;
  const lead = { name: "select", at: 0, end: 0 } as const;
  const all = query.slice(0, first).trim() === "" ? marks : [lead, ...marks];
  return all.map(({ name, at, end }, index) => {
    const next = all[index + 1]?.at ?? query.length;
    return { name, at, start: end, text: query.slice(end, next) };
  });
}

interface Mark {
  readonly name: ClauseName;
  readonly at: number;
  readonly end: number;
}

/** Words outside of quotes and brackets. */
function* keywords(query: string): Iterable<Mark> {
  let depth = 0;
  for (let at = 0; at < query.length; at++) {
    const letter = query[at] ?? "";
    depth += brackets[letter] ?? 0;
    if (letter === '"' || letter === "'") at = endOfQuoted(query, at);
    const mark = depth <= 0 ? markAt(query, at) : undefined;
    if (mark === undefined) continue;
    yield mark;
    at = mark.end - 1;
  }
}

function markAt(query: string, at: number): Mark | undefined {
  if (at > 0 && !space.test(query[at - 1] ?? "")) return undefined;
  keyword.lastIndex = at;
  const [word] = keyword.exec(query) ?? [];
  if (word === undefined) return undefined;
  const name = word.toLowerCase().replace(/\s+/, " ") as ClauseName;
  return { name, at, end: at + word.length };
}

/** Its last quote, or the last letter when it is never closed: the condition's own reader says so. */
function endOfQuoted(query: string, at: number): number {
  const one = query[at] ?? "";
  const quote = query.startsWith(one.repeat(3), at) ? one.repeat(3) : one;
  const isRaw = /[rR]/.test(query[at - 1] ?? "");
  for (let next = at + quote.length; next < query.length; next++) {
    if (query[next] === "\\" && !isRaw) next++;
    else if (query.startsWith(quote, next)) return next + quote.length - 1;
  }
  return query.length - 1;
}
