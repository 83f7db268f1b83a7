/**
 * Takes secrets out of texts: the value, and what it becomes when somebody encodes or quotes it. At the border of logs and
 * reports, after everything that should not have said it in the first place. Must not know where texts come from.
 */
import type { Log, LogFields } from "./log.ts";
import { type Forms, formsOf } from "./secret-forms.ts";
import { cutMark } from "./text/cut.ts";

/** In the place of a secret, and of a whole line that a short one was on. */
export const redacted = "******";

/** Values that are remembered; the oldest are forgotten first. */
const most = 20_000;

export class Redactor {
  readonly #known = new Map<string, Forms>();
  #learnt = 0;

  /** How many it was ever told: a text that was looked at since the last one need not be looked at again. 0: there are none. */
  get learnt(): number {
    return this.#learnt;
  }

  /** Holds from the next text on. */
  learn(value: string): void {
    if (value === "" || this.#known.has(value)) return;
    this.#learnt++;
    this.#known.set(value, formsOf(value));
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
  }

  /** The very same text where there is nothing to hide. */
  text(text: string): string {
    if (this.#known.size === 0 || text === "") return text;
    const forms = [...this.#known.values()];
    const ranges = [
      ...forms.flatMap(({ anywhere }) => anywhere.flatMap((form) => found(text, form))),
      ...brokenInto(text, forms),
      ...cutOff(text, forms),
    ];
    return withoutLines(without(text, ranges), forms);
  }
}

export const redactedLog = (log: Log, redactor: Redactor): Log => {
  const fields = (given: LogFields = {}): LogFields =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        typeof value === "string" ? redactor.text(value) : value,
      ]),
    );
  return {
    info: (event, given) => log.info(redactor.text(event), fields(given)),
    warn: (event, given) => log.warn(redactor.text(event), fields(given)),
    error: (event, given) => log.error(redactor.text(event), fields(given)),
  };
};

type Range = readonly [from: number, to: number];

function found(text: string, form: string): readonly Range[] {
  const ranges: Range[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    ranges.push([at, at + form.length]);
  return ranges;
}

/** Where a line ends, and what a diff or an indented block puts before the next one. */
const lineBreaks = [/\r?\n[ \t]*/g, /\r?\n[+\- ][ \t]*/g];

/** Base64 that goes over several lines. */
function brokenInto(text: string, forms: readonly Forms[]): readonly Range[] {
  if (!text.includes("\n")) return [];
  const broken = forms.flatMap((each) => each.broken);
  return lineBreaks.flatMap((lineBreak) => {
    const { joined, at } = joinedLines(text, lineBreak);
    return broken.flatMap((form) =>
      found(joined, form).map(([from, to]): Range => [at(from), at(to - 1) + 1]),
    );
  });
}

/** The text in one line, and where a letter of it has stood. */
function joinedLines(text: string, lineBreak: RegExp) {
  const starts: (readonly [joined: number, text: number])[] = [];
  let [joined, end] = ["", 0];
  for (const { index, 0: gap } of [...text.matchAll(lineBreak), { index: text.length, 0: "" }]) {
    starts.push([joined.length, end]);
    joined += text.slice(end, index);
    end = index + gap.length;
  }
  const at = (place: number): number => {
    const [start, origin] = starts.findLast(([from]) => from <= place) ?? [0, 0];
    return origin + place - start;
  };
  return { joined, at };
}

/** So much of a secret beside the mark of a cut is taken for a rest of it. */
const leastRest = 3;

/** What is left of a secret where a text was cut short. */
function cutOff(text: string, forms: readonly Forms[]): readonly Range[] {
  const marks = found(text, cutMark);
  if (marks.length === 0) return [];
  const all = forms.flatMap(({ anywhere }) => anywhere);
  return marks.flatMap(([from, to]): readonly Range[] => {
    const before = Math.max(0, ...all.map((form) => restBefore(text.slice(0, from), form)));
    const after = Math.max(0, ...all.map((form) => restAfter(text.slice(to), form)));
    return [
      ...(before > 0 ? [[from - before, from] as const] : []),
      ...(after > 0 ? [[to, to + after] as const] : []),
    ];
  });
}

/** How many letters at the end of the text are the beginning of the form. */
function restBefore(text: string, form: string): number {
  const last = text.slice(-leastRest);
  if (last.length < leastRest) return 0;
  for (
    let at = form.lastIndexOf(last);
    at >= 0;
    at = at === 0 ? -1 : form.lastIndexOf(last, at - 1)
  )
    if (text.endsWith(form.slice(0, at + leastRest))) return at + leastRest;
  return 0;
}

/** How many letters at the beginning of the text are the end of the form. */
function restAfter(text: string, form: string): number {
  const first = text.slice(0, leastRest);
  if (first.length < leastRest) return 0;
  for (let at = form.indexOf(first); at >= 0; at = form.indexOf(first, at + 1))
    if (text.startsWith(form.slice(at))) return form.length - at;
  return 0;
}

/** Ranges that overlap go as one, or the rest of the second secret would stay. */
function without(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text;
  let [result, end] = ["", 0];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    if (from >= end) result += text.slice(end, from) + redacted;
    end = Math.max(end, to);
  }
  return result + text.slice(end);
}

function withoutLines(text: string, forms: readonly Forms[]): string {
  const inside = forms.flatMap(({ line }) => line);
  const alone = new Set(forms.flatMap((each) => each.alone));
  if (inside.length === 0 && alone.size === 0) return text;
  const isTold = (line: string) =>
    alone.has(line.replace(/^[+\- ]/, "").trim()) || inside.some((form) => line.includes(form));
  const split = inside.some((form) => form.includes("\n") && text.includes(form));
  if (split) return redacted;
  const lines = text.split("\n");
  return lines.some(isTold)
    ? lines.map((line) => (isTold(line) ? redacted : line)).join("\n")
    : text;
}
