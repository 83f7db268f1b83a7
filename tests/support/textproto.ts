/**
 * Reads protocol buffers' text format (https://protobuf.dev/reference/protobuf/textformat-spec/) as far as the CEL vectors use
 * it, without a schema. Must not know CEL.
 */

/** A field may come several times; identifiers (enum names, true, inf) stay texts, told from strings by their wrapper. */
export type Value = string | Word | Message;
export interface Word {
  readonly word: string;
}
export type Message = ReadonlyMap<string, readonly Value[]>;

const token =
  /\s+|#[^\n]*|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(\[[\w./]+\])|([\w.+-]+)|([{}<>:;,[\]])/y;

function* tokensOf(text: string): Generator<string> {
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (!found) throw new Error(`textproto: ${JSON.stringify(text.slice(at, at + 40))}`);
    const [, string, extension, word, sign] = found;
    const read = string ?? extension ?? word ?? sign;
    if (read !== undefined) yield read;
  }
}

export function parseTextproto(text: string): Message {
  const tokens = [...tokensOf(text)];
  const reader = { tokens, at: 0 };
  const message = readMessage(reader, undefined);
  if (reader.at < tokens.length) throw new Error(`textproto: surplus ${tokens[reader.at]}`);
  return message;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

const peek = ({ tokens, at }: Reader) => tokens[at] ?? "";
const take = (reader: Reader) => reader.tokens[reader.at++] ?? "";
const skip = (reader: Reader, sign: string) => {
  if (peek(reader) === sign) reader.at++;
};

function readMessage(reader: Reader, end: string | undefined): Message {
  const fields = new Map<string, Value[]>();
  while (reader.at < reader.tokens.length && peek(reader) !== end) {
    const name = take(reader);
    skip(reader, ":");
    const values = fields.get(name) ?? [];
    fields.set(name, values);
    values.push(...readValues(reader));
    skip(reader, ",");
    skip(reader, ";");
  }
  if (end !== undefined) reader.at++;
  return fields;
}

function readValues(reader: Reader): Value[] {
  if (peek(reader) !== "[") return [readValue(reader)];
  reader.at++;
  const values: Value[] = [];
  while (peek(reader) !== "]") {
    values.push(readValue(reader));
    skip(reader, ",");
  }
  reader.at++;
  return values;
}

function readValue(reader: Reader): Value {
  const first = take(reader);
  if (first === "{") return readMessage(reader, "}");
  if (first === "<") return readMessage(reader, ">");
  if (!/^["']/.test(first)) return { word: first };
  let text = unescaped(first.slice(1, -1));
  while (/^["']/.test(peek(reader))) text += unescaped(take(reader).slice(1, -1));
  return text;
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

/** A byte above 127 that was written as octal or hex, so that it can be told from a letter: see `bytesOf`. */
const escapedByte = 0xe000;

function unescaped(text: string): string {
  return text.replace(
    /\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/gs,
    (_, octal, hex, short, long, letter: string) => {
      if (short ?? long) return String.fromCodePoint(Number.parseInt(short ?? long, 16));
      if (letter !== undefined) return escapes[letter] ?? letter;
      const byte = octal === undefined ? Number.parseInt(hex, 16) : Number.parseInt(octal, 8);
      return String.fromCharCode(byte < 128 ? byte : escapedByte + byte);
    },
  );
}

/** A string as bytes: letters in UTF-8, escaped bytes as they are. */
export const bytesOf = (text: string): Uint8Array =>
  Buffer.concat(
    Array.from(text, (letter) => {
      const code = letter.charCodeAt(0) - escapedByte;
      return code > 127 && code < 256 ? Buffer.of(code) : Buffer.from(letter);
    }),
  );
