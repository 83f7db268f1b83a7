/**
 * JSON (RFC 8259) read with the place of every value. Comments and a comma before a closing bracket are taken too: the files
 * of many programs have them. Must not change anything.
 */
import type { Json } from "../json.ts";
import { unreadable } from "./splice.ts";

export interface JsonNode {
  readonly value: Json;
  readonly start: number;
  readonly end: number;
  /** Of a map or list, in order. */
  readonly members?: readonly JsonMember[];
}

export interface JsonMember {
  /** Absent in a list. */
  readonly key?: string;
  /** Where the key begins, or the item. */
  readonly start: number;
  readonly node: JsonNode;
}

const deepest = 200;

/** Rejects with line and column of what is not JSON. */
export function readJson(text: string): JsonNode {
  const reader = new Reader(text);
  const node = reader.value(0);
  reader.blanks();
  if (reader.at < text.length) throw reader.stuck("something follows the value");
  return node;
}

/** Where the next thing that is neither blank nor comment begins. */
export function afterBlanks(text: string, from: number): number {
  const reader = new Reader(text, from);
  reader.blanks();
  return reader.at;
}

class Reader {
  constructor(
    readonly text: string,
    public at = 0,
  ) {}

  stuck(why: string) {
    return unreadable("JSON", this.text, this.at, why);
  }

  blanks(): void {
    const pattern = /(?:[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
    pattern.lastIndex = this.at;
    this.at += pattern.exec(this.text)?.[0].length ?? 0;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  value(depth: number): JsonNode {
    this.blanks();
    if (depth > deepest) throw this.stuck("nested too deep");
    const start = this.at;
    const open = this.text[start];
    if (open === "{" || open === "[") return this.#collection(open, depth);
    if (open === '"') return { value: this.#text(), start, end: this.at };
    const word = this.#take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y);
    if (word === undefined) throw this.stuck(open === undefined ? "it ends too early" : "no value");
    return { value: JSON.parse(word) as Json, start, end: this.at };
  }

  #text(): string {
    const found = this.#take(/"(?:[^"\\]|\\[\s\S])*"/y);
    if (found === undefined) throw this.stuck("a text without an end");
    try {
      return JSON.parse(found) as string;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw this.stuck("a text with a letter or an escape that JSON does not have");
    }
  }

  #collection(open: "{" | "[", depth: number): JsonNode {
    const start = this.at;
    const close = open === "{" ? "}" : "]";
    const members: JsonMember[] = [];
    this.at += 1;
    for (let more = true; more;) {
      this.blanks();
      if (this.text[this.at] === close) break;
      members.push(open === "{" ? this.#member(depth, members) : this.#item(depth));
      this.blanks();
      more = this.text[this.at] === ",";
      if (more) this.at += 1;
    }
    if (this.text[this.at] !== close) throw this.stuck(`no ${close} or comma`);
    this.at += 1;
    const value =
      open === "["
        ? members.map(({ node }) => node.value)
        : Object.fromEntries(members.map(({ key, node }) => [key, node.value]));
    return { value, start, end: this.at, members };
  }

  #item(depth: number): JsonMember {
    const node = this.value(depth + 1);
    return { start: node.start, node };
  }

  #member(depth: number, before: readonly JsonMember[]): JsonMember {
    const start = this.at;
    if (this.text[start] !== '"') throw this.stuck("no key in quotes");
    const key = this.#text();
    if (before.some((other) => other.key === key)) {
      this.at = start;
      throw this.stuck(`the key "${key}" is there twice`);
    }
    this.blanks();
    if (this.text[this.at] !== ":") throw this.stuck("no colon after the key");
    this.at += 1;
    return { key, start, node: this.value(depth + 1) };
  }
}
