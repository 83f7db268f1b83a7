/**
 * A few lines at the foot of a terminal that are drawn again and again, while other lines go by above them. Must not know what they
 * say. Nothing is drawn where nobody watches.
 */
import { stripVTControlCharacters } from "node:util";
import type { Screen } from "../../core/command/screen.ts";

interface Size {
  readonly rows: number;
  readonly columns: number;
}

const sizeOfTerminal = (): Size => ({
  rows: process.stderr.rows || 24,
  columns: process.stderr.columns || 80,
});

/** Drawing more often than the eye sees is waste. */
const gapMs = 100;
/** For what counts seconds. */
const beatMs = 1_000;

export class Live {
  readonly #screen: Screen;
  readonly #lines: (rows: number) => readonly string[];
  readonly #size: () => Size;
  readonly #beat: ReturnType<typeof setInterval> | undefined;
  #drawn = 0;
  #soon: ReturnType<typeof setTimeout> | undefined;

  /** `lines` are asked for with how many rows there are for them. */
  constructor(
    screen: Screen,
    lines: (rows: number) => readonly string[],
    size: () => Size = sizeOfTerminal,
  ) {
    this.#screen = screen;
    this.#lines = lines;
    this.#size = size;
    if (screen.watched) this.#beat = setInterval(() => this.#draw(), beatMs);
  }

  /** Prints above the lines. */
  above(print: () => void): void {
    this.#erase();
    print();
    this.changed();
  }

  /** They say something else now. */
  changed(): void {
    if (this.#screen.watched) this.#soon ??= setTimeout(() => this.#draw(), gapMs);
  }

  /** Takes the lines away. */
  end(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#soon);
    this.#erase();
  }

  #draw(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    const { rows, columns } = this.#size();
    this.#erase();
    const lines = this.#lines(Math.max(1, rows - 2)).map((line) => within(line, columns));
    if (lines.length === 0) return;
    this.#drawn = lines.length;
    this.#screen.err(lines.join("\n"));
  }

  #erase(): void {
    if (this.#drawn === 0) return;
    // Up to the first of them, and away with all below; the newline that a message brings is taken back.
    this.#screen.err(`\u001b[${this.#drawn}A\u001b[J\u001b[1A`);
    this.#drawn = 0;
  }
}

/** A line that is broken by the terminal could not be taken back. */
function within(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  if (Bun.stringWidth(plain) < columns) return line;
  return `${Bun.sliceAnsi(plain, 0, Math.max(1, columns - 2))}…`;
}
