/**
 * A terminal of so many columns and rows, with what scrolled out of it: it understands what our programs write (newline, return, cursor
 * up, erase below, colours) and nothing else, so that anything else is a mistake.
 */
export class Terminal {
  readonly columns: number;
  readonly rows: number;
  readonly #lines: string[] = [""];
  /** All that was written, as it came. */
  raw = "";
  #row = 0;
  #column = 0;
  #rest = "";

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  /** What a person finds, scrolling back. */
  get text(): string {
    return this.#lines.map((line) => line.trimEnd()).join("\n");
  }

  write(text: string): void {
    this.raw += text;
    this.#rest += text;
    for (;;) {
      const taken = this.#take();
      if (taken === 0) return;
      this.#rest = this.#rest.slice(taken);
    }
  }

  /** How much of what is there was understood; 0: more has to come. */
  #take(): number {
    const [first = ""] = this.#rest;
    if (first === "") return 0;
    if (first !== "\u001b") {
      this.#put(String.fromCodePoint(this.#rest.codePointAt(0) ?? 0));
      return this.#rest.codePointAt(0) === first.charCodeAt(0) ? 1 : 2;
    }
    const [inner, count = "", command = ""] =
      /^\[([\d;]*)([A-Za-z])/.exec(this.#rest.slice(1)) ?? [];
    if (inner === undefined) {
      if (this.#rest.length > 20)
        throw new Error(`no such sequence: ${JSON.stringify(this.#rest)}`);
      return 0;
    }
    this.#obey(command, Number(count || 1));
    return inner.length + 1;
  }

  #obey(command: string, count: number): void {
    const top = Math.max(0, this.#lines.length - this.rows);
    if (command === "m") return;
    if (command === "A") this.#row = Math.max(top, this.#row - count);
    else if (command === "J") {
      this.#lines.length = this.#row + 1;
      this.#lines[this.#row] = (this.#lines[this.#row] ?? "").slice(0, this.#column);
      // The screen stays as high as it was.
      while (this.#lines.length < top + this.rows && top > 0) this.#lines.push("");
    } else throw new Error(`no such command: ${command}`);
  }

  #put(letter: string): void {
    if (letter === "\r") this.#column = 0;
    else if (letter === "\n") this.#down();
    else {
      const width = Bun.stringWidth(letter);
      if (this.#column + width > this.columns) {
        this.#column = 0;
        this.#down();
      }
      const line = (this.#lines[this.#row] ?? "").padEnd(this.#column);
      this.#lines[this.#row] = line.slice(0, this.#column) + letter + line.slice(this.#column + 1);
      this.#column += width;
    }
  }

  #down(): void {
    this.#row++;
    if (this.#row === this.#lines.length) this.#lines.push("");
  }
}
