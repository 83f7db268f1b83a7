/**
 * Reads the YAML that nearly all policy is written in, many times faster than the library: block maps and lists, flow
 * collections, quoted and plain scalars on one line, `|` texts. Whatever else there is, a mistake above all, makes it give up,
 * and the library reads the file. Where it does not give up it says exactly what the library says, places included. Must not
 * know which keys the language has.
 */
import { limits } from "./limits.ts";
import type { Entry, MapNode, Node } from "./node.ts";
import { UsualScalars } from "./yaml-usual-scalars.ts";
import { Unusual } from "./yaml-unusual.ts";

/** Undefined: ask the library. */
export function readUsual(file: string, text: string): Node | undefined {
  if (odd.test(text) || text.length === 0) return undefined;
  try {
    return new UsualBlocks(file, text).document();
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

/** Control characters, tabs and carriage returns among them, and what begins a document, ends it or directs its reader. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in it
const odd = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]|^(?:---|\.\.\.|%)/m;

/** Far from what the library would count. */
const deepest = Math.floor(limits.depth / 2);

class UsualBlocks extends UsualScalars {
  document(): Node {
    this.toContent();
    if (this.atEnd) this.giveUp();
    const node = this.#block(0);
    if (!this.atEnd) this.giveUp();
    return node;
  }

  /** What begins at the first letter of a line. */
  #block(depth: number): Node {
    return this.isItem() ? this.#list(depth) : this.#map(depth);
  }

  #list(depth: number): Node {
    if (depth > deepest) this.giveUp();
    const { column, place } = this;
    const items: Node[] = [];
    do {
      this.at++;
      this.skipBlanks();
      items.push(this.atLineEnd() ? this.#below(column, depth) : this.#item(column, depth));
    } while (this.column === column && !this.atEnd && this.isItem());
    this.mustLeave(column);
    this.count();
    return { kind: "list", place, items };
  }

  #item(column: number, depth: number): Node {
    if (this.isItem()) return this.#list(depth + 1);
    return this.isKey() ? this.#map(depth + 1) : this.#inline(column);
  }

  #map(depth: number): MapNode {
    if (depth > deepest) this.giveUp();
    const { column, place } = this;
    const entries = new Map<string, Entry>();
    do {
      const entry = this.place;
      const key = this.key();
      if (entries.has(key)) this.giveUp();
      this.skipBlanks();
      entries.set(key, { place: entry, value: this.#value(column, depth) });
    } while (this.column === column && !this.atEnd);
    this.mustLeave(column);
    this.count();
    return { kind: "map", place, entries };
  }

  #value(column: number, depth: number): Node {
    if (!this.atLineEnd()) return this.#inline(column);
    this.finishLine();
    if (this.atEnd || this.column < column) this.giveUp();
    if (this.column > column) return this.#block(depth + 1);
    return this.isItem() ? this.#list(depth + 1) : this.giveUp();
  }

  /** Nothing stands behind a dash: what it announces stands on the lines below. */
  #below(column: number, depth: number): Node {
    this.finishLine();
    if (this.atEnd || this.column <= column) this.giveUp();
    return this.#block(depth + 1);
  }

  /** A scalar or a flow collection, with nothing but a comment behind it. */
  #inline(column: number): Node {
    if (this.letter === "|") return this.literal(column);
    const node = this.flowValue(column, "block");
    this.finishLine();
    this.mustLeave(column);
    return node;
  }
}
