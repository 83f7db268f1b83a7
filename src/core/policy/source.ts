/** A text of a tree and where its lines begin. Must not know its grammar. */
import { LineCounter } from "yaml";
import type { Place } from "./model.ts";
import { clip } from "./node.ts";

export class Source {
  readonly #lines = new LineCounter();

  constructor(
    readonly file: string,
    readonly text: string,
  ) {
    this.#lines.addNewLine(0);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1))
      this.#lines.addNewLine(at + 1);
  }

  at(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line, column: col };
  }

  /** From an offset to the end of its line, cut short. */
  textAt(offset: number): string {
    return clip(this.text.slice(offset, offset + 200).split(/\r?\n/, 1)[0] ?? "");
  }

  lineAt(offset: number): string {
    const end = this.text.indexOf("\n", offset);
    const start = this.text.lastIndexOf("\n", offset - 1) + 1;
    return this.text.slice(start, end < 0 ? undefined : end);
  }
}
