/**
 * Takes secrets out of texts: the value, and what it becomes when somebody encodes or quotes it. At the border of logs and
 * reports, after everything that should not have said it in the first place. Must not know where texts come from.
 */
import type { Log, LogFields } from "./log.ts";
import { shortSecret } from "./secret-path.ts";

/** In the place of a secret, and of a whole line that a short one was on. */
export const redacted = "******";

/** Values that are remembered; the oldest are forgotten first. */
const most = 20_000;

interface Forms {
  /** Taken out wherever they are. */
  readonly anywhere: readonly string[];
  /** Too short for that: the whole line goes. */
  readonly line: readonly string[];
  /** Short lines of a long value: a line that is nothing else goes, as in a diff. */
  readonly alone: readonly string[];
}

export class Redactor {
  readonly #known = new Map<string, Forms>();

  /** Holds from the next text on. */
  learn(value: string): void {
    if (value === "" || this.#known.has(value)) return;
    this.#known.set(value, formsOf(value));
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
  }

  /** The very same text where there is nothing to hide. */
  text(text: string): string {
    if (this.#known.size === 0 || text === "") return text;
    const forms = [...this.#known.values()];
    const ranges = forms.flatMap(({ anywhere }) => anywhere.flatMap((form) => found(text, form)));
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

function formsOf(value: string): Forms {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const parts = lines.length > 1 ? lines.filter((line) => line !== "") : [];
  const trimmed = value.trim();
  const wholes = [...new Set([value, trimmed === "" ? value : trimmed])];
  const isShort = (text: string) => text.length < shortSecret;
  const long = wholes.filter((text) => !isShort(text));
  const short = wholes.filter(isShort);
  return {
    anywhere: unique([...long, ...parts.filter((part) => !isShort(part))].flatMap(spellings)),
    line: unique(short.flatMap(spellings)),
    alone: parts.filter(isShort),
  };
}

/** As itself, in base64 (also somewhere inside what was encoded), in JSON, in a URL, in a shell's quotes. */
function spellings(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const encoded = [bytes.toString("base64").replace(/=+$/, ""), ...innerBase64(bytes)];
  return [
    value,
    ...encoded,
    ...encoded.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    JSON.stringify(value).slice(1, -1),
    percent(value),
    percent(value).replaceAll("%20", "+"),
    percent(value).replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    value.replaceAll("'", `'\\''`),
    value.replaceAll("'", `'"'"'`),
    value.replace(/["$`\\]/g, "\\$&"),
  ];
}

const percent = (value: string) => encodeURIComponent(value.toWellFormed());

/** The letters that every text around the value leaves as they are: it begins with any byte of a group of three. */
const innerBase64 = (bytes: Buffer): readonly string[] =>
  [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const tail = (offset + bytes.length) % 3;
    const inner = text.slice(offset === 0 ? 0 : offset + 1, tail === 0 ? undefined : -1);
    return inner.length < 8 ? [] : [inner];
  });

type Range = readonly [from: number, to: number];

function found(text: string, form: string): readonly Range[] {
  const ranges: Range[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
    ranges.push([at, at + form.length]);
  return ranges;
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

const unique = (texts: readonly string[]): readonly string[] =>
  [...new Set(texts)].filter((text) => text !== "");
