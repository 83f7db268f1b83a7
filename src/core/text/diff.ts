/**
 * The difference of two texts as a unified diff, bounded. Must not know where the texts come from.
 * Lines are compared with Myers' greedy algorithm ("An O(ND) Difference Algorithm and Its Variations", 1986); texts too different
 * for it to pay are shown as one replaced by the other.
 */
import { headOf } from "./cut.ts";

const context = 3;
const mostLines = 120;
const longestLine = 400;
const mostBytes = 256 * 1024;
/** Steps of the search; the memory it takes grows with their square. */
const mostSteps = 1_000;

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/** Undefined where a diff says nothing: for bytes that are no text, and for texts beyond 256 KiB. */
export function unifiedDiff(
  from: Uint8Array | undefined,
  to: Uint8Array | undefined,
): string | undefined {
  const [a, b] = [textOf(from), textOf(to)];
  if (a === undefined || b === undefined) return undefined;
  return bounded(hunks(script(linesOf(a), linesOf(b))));
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return "";
  if (bytes.length > mostBytes || bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** A missing newline at the end is part of the last line, as other tools show it. */
function linesOf(text: string): readonly string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines[lines.length - 1] += "\n\\ No newline at end of file";
  return lines;
}

/** All lines of both with their signs: what they share at both ends is set aside first. */
function script(a: readonly string[], b: readonly string[]): readonly Line[] {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return [
    ...signed(" ", a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...signed(" ", a.slice(a.length - tail)),
  ];
}

const signed = (sign: Line["sign"], texts: readonly string[]): readonly Line[] =>
  texts.map((text) => ({ sign, text }));

/** Furthest points reached on each diagonal after d edits, for d = 0, 1, …; then back along the way. */
function middle(a: readonly string[], b: readonly string[]): readonly Line[] {
  const trail: Int32Array[] = [];
  const most = Math.min(a.length + b.length, mostSteps);
  const reach = new Int32Array(2 * most + 3);
  for (let d = 0; d <= most; d += 1) {
    trail.push(reach.slice());
    if (furthest(a, b, d, reach, most + 1)) return wayBack(a, b, trail, most + 1);
  }
  return [...signed("-", a), ...signed("+", b)];
}

/** One more edit on every diagonal; true when both ends are reached. */
function furthest(
  a: readonly string[],
  b: readonly string[],
  d: number,
  reach: Int32Array,
  zero: number,
): boolean {
  for (let k = -d; k <= d; k += 2) {
    let x = startOf(reach, zero, d, k);
    while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
    reach[zero + k] = x;
    if (x >= a.length && x - k >= b.length) return true;
  }
  return false;
}

const goesDown = (reach: Int32Array, zero: number, d: number, k: number) =>
  k === -d || (k !== d && at(reach, zero + k - 1) < at(reach, zero + k + 1));

const startOf = (reach: Int32Array, zero: number, d: number, k: number) =>
  goesDown(reach, zero, d, k) ? at(reach, zero + k + 1) : at(reach, zero + k - 1) + 1;

const at = (reach: Int32Array, index: number) => reach[index] ?? 0;

function wayBack(
  a: readonly string[],
  b: readonly string[],
  trail: readonly Int32Array[],
  zero: number,
): readonly Line[] {
  const lines: Line[] = [];
  const put = (sign: Line["sign"], text: string | undefined) =>
    lines.push({ sign, text: text ?? "" });
  let x = a.length;
  let y = b.length;
  for (const [d, reach] of [...trail.entries()].reverse()) {
    const down = goesDown(reach, zero, d, x - y);
    const from = startOf(reach, zero, d, x - y);
    const fromY = from - (x - y);
    for (; d === 0 ? x > 0 : x > from || y > fromY; y -= 1) {
      x -= 1;
      put(" ", a[x]);
    }
    if (d === 0) break;
    if (down) put("+", b[--y]);
    else put("-", a[--x]);
  }
  return lines.reverse();
}

/** Changed stretches with three lines around them, under `@@ -line,count +line,count @@`. */
function hunks(lines: readonly Line[]): readonly string[] {
  const shown: string[] = [];
  const changed = lines.map(({ sign }) => sign !== " ");
  const near = (i: number) =>
    changed.slice(Math.max(0, i - context), i + context + 1).includes(true);
  const counts = { a: 0, b: 0 };
  for (let i = 0; i < lines.length;) {
    let end = i;
    while (end < lines.length && near(end)) end += 1;
    if (end > i) shown.push(...hunk(lines.slice(i, end), counts));
    if (end === i) end += 1;
    count(lines.slice(i, end), counts);
    i = end;
  }
  return shown;
}

function hunk(lines: readonly Line[], before: { readonly a: number; readonly b: number }) {
  const size = count(lines, { a: 0, b: 0 });
  const range = (start: number, n: number) => `${n === 0 ? start : start + 1},${n}`;
  const head = `@@ -${range(before.a, size.a)} +${range(before.b, size.b)} @@`;
  return [head, ...lines.flatMap(({ sign, text }) => `${sign}${text}`.split("\n"))];
}

function count(lines: readonly Line[], counts: { a: number; b: number }) {
  for (const { sign } of lines) {
    if (sign !== "+") counts.a += 1;
    if (sign !== "-") counts.b += 1;
  }
  return counts;
}

function bounded(lines: readonly string[]): string {
  const shown = lines.slice(0, mostLines).map((line) => headOf(line, longestLine));
  const more = lines.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more lines`] : [])]
    .map((l) => `${l}\n`)
    .join("");
}
