/**
 * What becomes of a secret when somebody encodes or quotes it. Must not know where that is looked for.
 */
import { shortSecret } from "./secret-path.ts";

export interface Forms {
  /** Taken out wherever they are. */
  readonly anywhere: readonly string[];
  /** In base64, which programs break into lines. */
  readonly broken: readonly string[];
  /** Too short for that: the whole line goes. */
  readonly line: readonly string[];
  /** Short lines of a long value: a line that is nothing else goes, as in a diff. */
  readonly alone: readonly string[];
}

export function formsOf(value: string): Forms {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const parts = lines.length > 1 ? lines.filter((line) => line !== "") : [];
  const trimmed = value.trim();
  const wholes = [...new Set([value, trimmed === "" ? value : trimmed])];
  const isShort = (text: string) => text.length < shortSecret;
  const long = wholes.filter((text) => !isShort(text));
  const short = wholes.filter(isShort);
  return {
    anywhere: unique([...long, ...parts.filter((part) => !isShort(part))].flatMap(spellings)),
    broken: unique(long.flatMap(inBase64)),
    line: unique(short.flatMap(spellings)),
    alone: parts.filter(isShort),
  };
}

/** As itself, in base64 (also somewhere inside what was encoded), in JSON, in a URL, in a shell's or YAML's quotes. */
function spellings(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  return [
    value,
    ...inBase64(value),
    json,
    json.replaceAll("/", "\\/"),
    json.replace(/[\u0080-\uffff]/g, escaped),
    ...inUrls(value),
    value.replaceAll("'", `'\\''`),
    value.replaceAll("'", `'"'"'`),
    value.replaceAll("'", "''"),
    value.replace(/["$`\\]/g, "\\$&"),
    inAnsiQuotes(value),
    value.replace(/[^\w%+,./:=@#~\n\x80-\uffff-]/g, "\\$&"),
  ];
}

const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;

function inBase64(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const encoded = [bytes.toString("base64").replace(/=+$/, ""), ...innerBase64(bytes)];
  return [...encoded, ...encoded.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))];
}

/** Programs differ in what they leave as it is: nothing, quotes and brackets, or slashes. */
const inUrls = (value: string): readonly string[] => {
  const usual = encodeURIComponent(value.toWellFormed());
  const strict = usual.replace(/[!'()*]/g, (letter) => `%${hex(letter)}`);
  return [usual, strict].flatMap((text) => [
    text,
    text.replaceAll("%20", "+"),
    text.replaceAll("%2F", "/"),
    text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  ]);
};

const hex = (letter: string): string => letter.charCodeAt(0).toString(16).toUpperCase();

/** `$'…'`, as bash prints what has control characters in it, or letters that its locale has not. */
const inAnsiQuotes = (value: string): string =>
  [...Buffer.from(value)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      const named = ansiEscapes[letter];
      if (named !== undefined) return named;
      return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, "0")}` : letter;
    })
    .join("");

const ansiEscapes: Readonly<Record<string, string>> = {
  "'": "\\'",
  "\\": "\\\\",
  "\n": "\\n",
  "\t": "\\t",
  "\r": "\\r",
  "\x1b": "\\E",
};

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

const unique = (texts: readonly string[]): readonly string[] =>
  [...new Set(texts)].filter((text) => text !== "");
