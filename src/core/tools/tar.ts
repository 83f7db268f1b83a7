/**
 * Reads tar archives: POSIX ustar and pax (IEEE Std 1003.1, pax), GNU's long names. Must not know compression, nor what becomes
 * of the entries; what it does not know it refuses.
 */
import { type ArchiveEntry, broken, Parts } from "./archive-entry.ts";

const block = 512;
/** Names and extended headers are small. */
const mostHeader = 1024 * 1024;

interface Header {
  readonly name: string;
  readonly type: string;
  readonly mode: number;
  readonly bytes: number;
  readonly target: string;
}

/** What extended headers say of the next entry. */
interface Extended {
  readonly name?: string;
  readonly target?: string;
  readonly bytes?: number;
}

export async function* tarEntries(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const parts = new Parts(source);
  let extended: Extended = {};
  for (let raw = await parts.exactly(block); raw !== undefined; raw = await parts.exactly(block)) {
    if (raw.every((byte) => byte === 0)) return;
    const header = parseHeader(raw);
    const bytes = extended.bytes ?? header.bytes;
    if ("LKxg".includes(header.type)) {
      const said = extension(header.type, await longText(parts, bytes));
      extended = { ...extended, ...said };
      continue;
    }
    const { name = header.name, target = header.target } = extended;
    const body = new Body(parts, "07".includes(header.type) ? bytes : 0);
    yield { ...entryOf({ ...header, name, target }, body.left), parts: () => body.read() };
    await body.leave();
    extended = {};
  }
}

/** What is in an entry, padded to whole blocks. */
class Body {
  readonly #padding: number;

  constructor(
    readonly parts: Parts,
    public left: number,
  ) {
    this.#padding = (block - (left % block)) % block;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    while (this.left > 0) {
      const part = await this.parts.some(Math.min(this.left, 1024 * 1024));
      if (part === undefined) throw broken("it ends in the middle");
      this.left -= part.length;
      yield part;
    }
  }

  async leave(): Promise<void> {
    await this.parts.skip(this.left + this.#padding);
  }
}

/** GNU's long names, and pax headers of one entry; those of the whole archive say nothing that matters here. */
function extension(type: string, text: string): Extended {
  if (type === "L") return { name: text.replace(/\0.*$/s, "") };
  if (type === "K") return { target: text.replace(/\0.*$/s, "") };
  return type === "x" ? parsePax(text) : {};
}

const kinds: Readonly<Record<string, ArchiveEntry["kind"]>> = {
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "device",
  "4": "device",
  "5": "folder",
  "6": "device",
};

function entryOf({ name, type, mode, target }: Header, bytes: number): Omit<ArchiveEntry, "parts"> {
  const isFolder = type === "0" && name.endsWith("/");
  const kind = isFolder ? "folder" : kinds[type];
  if (kind === undefined)
    throw broken(`${name} is of the kind ${JSON.stringify(type)}, which is not unpacked`);
  const isLink = kind === "symlink" || kind === "hardlink";
  return { name: name.replace(/\/+$/, ""), kind, mode, bytes, ...(isLink && { target }) };
}

async function longText(parts: Parts, bytes: number): Promise<string> {
  if (bytes > mostHeader) throw broken("a header of more than 1 MiB");
  const text = new TextDecoder().decode((await parts.exactly(bytes)) ?? new Uint8Array());
  await parts.skip((block - (bytes % block)) % block);
  return text;
}

function parseHeader(raw: Uint8Array): Header {
  const field = (start: number, length: number) =>
    new TextDecoder().decode(raw.subarray(start, start + length)).replace(/\0.*$/s, "");
  const sum = raw.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (Number.parseInt(field(148, 8).trim(), 8) !== sum)
    throw broken("a header with a wrong checksum");
  const prefix =
    field(257, 5) === "ustar" && field(257, 8).trimEnd() !== "ustar " ? field(345, 155) : "";
  const isGnu = field(257, 6) === "ustar ";
  return {
    name: prefix === "" || isGnu ? field(0, 100) : `${prefix}/${field(0, 100)}`,
    mode: Number.parseInt(field(100, 8).trim() || "0", 8) & 0o7777,
    bytes: sizeOf(raw.subarray(124, 136)),
    type: raw[156] === 0 ? "0" : String.fromCharCode(raw[156] ?? 0),
    target: field(157, 100),
  };
}

/** Octal, or a binary number behind a set first bit for what does not fit. */
function sizeOf(field: Uint8Array): number {
  const isBinary = ((field[0] ?? 0) & 0x80) !== 0;
  const size = isBinary
    ? field.subarray(1).reduce((all, byte) => all * 256 + byte, 0)
    : Number.parseInt(
        new TextDecoder()
          .decode(field)
          .replace(/[\0 ]+$/, "")
          .trim() || "0",
        8,
      );
  if (!Number.isSafeInteger(size) || size < 0) throw broken("a size that is no number");
  return size;
}

/** Lines of `length key=value`, where the length counts the whole line in bytes. */
function parsePax(text: string): Extended {
  const found = new Map<string, string>();
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    const head = /^(\d+) /.exec(new TextDecoder().decode(bytes.subarray(at, at + 20)));
    const length = Number(head?.[1] ?? 0);
    if (head === null || length < 5 || at + length > bytes.length)
      throw broken("an extended header that is none");
    const line = new TextDecoder().decode(bytes.subarray(at + head[0].length, at + length - 1));
    const [, key = "", value = ""] = /^([^=]*)=(.*)$/s.exec(line) ?? [];
    if (key.startsWith("GNU.sparse")) throw broken("a sparse file, which is not unpacked");
    found.set(key, value);
    at += length;
  }
  const [name, target, size] = ["path", "linkpath", "size"].map((key) => found.get(key));
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw broken("a size that is no number");
  return {
    ...(name !== undefined && { name }),
    ...(target !== undefined && { target }),
    ...(size !== undefined && { bytes: Number(size) }),
  };
}
