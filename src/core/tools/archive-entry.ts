/** What archives are made of, whatever their format, and bytes that arrive in parts. Must not know formats, nor where they go. */
import { VigoError } from "../errors.ts";

export interface ArchiveEntry {
  /** As written in the archive; without the slash at the end of a folder. */
  readonly name: string;
  readonly kind: "file" | "folder" | "symlink" | "hardlink" | "device";
  /** Permission bits. */
  readonly mode: number;
  readonly bytes: number;
  /** Where a link leads. */
  readonly target?: string;
  /** Of a file; to be read, or left, before the next entry is asked for. */
  parts(): AsyncIterable<Uint8Array>;
}

export const broken = (why: string, cause?: unknown) =>
  new VigoError("failed", `the archive is broken: ${why}`, {
    hint: "was it fetched as a whole? Look at its sha256",
    cause,
  });

/** Reads a stretch of a stream at a time. */
export class Parts {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Something, at most so many bytes; undefined at the end. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#source.next();
      if (done === true) return undefined;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  /** Exactly so many bytes; undefined at the end, and broken in the middle. */
  async exactly(bytes: number): Promise<Uint8Array | undefined> {
    const all = new Uint8Array(bytes);
    let done = 0;
    while (done < bytes) {
      const part = await this.some(bytes - done);
      if (part === undefined && done === 0) return undefined;
      if (part === undefined) throw broken("it ends in the middle");
      all.set(part, done);
      done += part.length;
    }
    return all;
  }

  async skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0;) {
      const part = await this.some(left);
      if (part === undefined) throw broken("it ends in the middle");
      left -= part.length;
    }
  }
}
