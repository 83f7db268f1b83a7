/**
 * What one task has printed, in pieces, each on disk before it is told, so that an agent that ended in between can tell it all. Bounded:
 * what comes above the limit is counted only. Must not know the wire.
 */
import { appendFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Piece } from "../../../core/tasks/states.ts";

/** A program that prints letter by letter makes no message of each. */
const gatherMs = 50;
const mostGathered = 16 * 1024;

export class Transcript {
  readonly #file: string;
  readonly #limit: number;
  readonly #written: (number: number, piece: Piece) => void;
  readonly #decoders = { out: new TextDecoder(), err: new TextDecoder() };
  #stream: Piece["stream"] = "out";
  #texts: string[] = [];
  #gathered = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #kept = 0;
  #number = 0;
  dropped = 0;

  /** `limit` in bytes; `written` is told of each piece. */
  constructor(
    file: string,
    limit: number,
    written: (number: number, piece: Piece) => void = () => undefined,
  ) {
    this.#file = file;
    this.#limit = limit;
    this.#written = written;
  }

  add(stream: Piece["stream"], bytes: Uint8Array): void {
    const part = bytes.subarray(0, this.#limit - this.#kept);
    this.dropped += bytes.length - part.length;
    this.#kept += part.length;
    if (part.length > 0)
      this.#gather(stream, this.#decoders[stream].decode(part, { stream: true }));
  }

  /** Writes what was gathered; afterwards nothing more may come. */
  end(): void {
    for (const stream of ["out", "err"] as const)
      this.#gather(stream, this.#decoders[stream].decode());
    this.#flush();
  }

  #gather(stream: Piece["stream"], text: string): void {
    if (text === "") return;
    if (stream !== this.#stream) this.#flush();
    this.#stream = stream;
    this.#texts.push(text);
    this.#gathered += text.length;
    if (this.#gathered >= mostGathered) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), gatherMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#texts.length === 0) return;
    const piece: Piece = { stream: this.#stream, text: this.#texts.join("") };
    [this.#texts, this.#gathered] = [[], 0];
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    appendFileSync(this.#file, `${JSON.stringify([piece.stream, piece.text])}\n`, { mode: 0o600 });
    this.#written(this.#number++, piece);
  }
}

/** Whole pieces only: one that a power cut has torn was told to nobody for certain. */
export function readTranscript(file: string): readonly Piece[] {
  const lines = textOf(file).split("\n").slice(0, -1);
  return lines.flatMap((line) => {
    const piece = pieceOf(line);
    return piece === undefined ? [] : [piece];
  });
}

export const forgetTranscript = (file: string): void => rmSync(file, { force: true });

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function pieceOf(line: string): Piece | undefined {
  try {
    const [stream, text] = JSON.parse(line) as [unknown, unknown];
    return (stream === "out" || stream === "err") && typeof text === "string"
      ? { stream, text }
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
