/**
 * The letters and single values of the fast YAML reader: keys, scalars and flow collections, each with its place. Must not know
 * block structure beyond the column that a value must stay right of.
 */
import { limits } from "./limits.ts";
import type { Place } from "./model.ts";
import type { Entry, Node, ScalarNode } from "./node.ts";
import { coreValue } from "./yaml-core-schema.ts";
import { Unusual } from "./yaml-unusual.ts";

type Around = "block" | "flow";

/** Far from what the library would count. */
const most = { nodes: Math.floor(limits.nodes / 2), depth: Math.floor(limits.depth / 2) };

const plainKey = /([A-Za-z0-9_][A-Za-z0-9_.~/@-]{0,200}):(?=[ \n])/y;
const quotedKey = /(?:"([^"\\\n]{1,200})"|'([^'\n]{1,200})'):(?=[ \n])/y;
const blanks = / */y;
const doubleQuoted = /"((?:[^"\\\n]|\\.)*)"/y;
const singleQuoted = /'((?:[^'\n]|'')*)'/y;
const plain = {
  block: /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[^\s-]))(?:[^\s:#]|:(?=\S)|(?<! )#| +(?=[^ \n#]))*/y,
  flow: /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[A-Za-z0-9./_]))(?:[^\s:#,[\]{}]|:(?=[^\s,[\]{}])|(?<! )#| +(?=[^ \n#,[\]{}]))*/y,
} satisfies Record<Around, RegExp>;
const literalHeader = /\|(-?)\n/y;

export class UsualScalars {
  at = 0;
  #line = 1;
  #lineStart = 0;
  #nodes = 0;

  constructor(
    readonly file: string,
    readonly text: string,
  ) {}

  get letter(): string {
    return this.text[this.at] ?? "";
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** From 0. */
  get column(): number {
    return this.at - this.#lineStart;
  }

  get place(): Place {
    return { file: this.file, line: this.#line, column: this.at - this.#lineStart + 1 };
  }

  giveUp(): never {
    throw new Unusual();
  }

  count(): void {
    if (++this.#nodes > most.nodes) this.giveUp();
  }

  /** After a value in this column nothing may stand further right: it would belong to the value. */
  mustLeave(column: number): void {
    if (!this.atEnd && this.column > column) this.giveUp();
  }

  isItem(): boolean {
    const next = this.text[this.at + 1];
    return this.letter === "-" && (next === " " || next === "\n");
  }

  isKey(): boolean {
    return this.#match(plainKey) !== null || this.#match(quotedKey) !== null;
  }

  /** Gives the name, and goes on to what stands behind the colon. */
  key(): string {
    const bare = this.#match(plainKey);
    const found = bare ?? this.#match(quotedKey) ?? this.giveUp();
    const name = found[1] ?? found[2] ?? "";
    if (bare !== null && coreValue(name) === null) this.giveUp();
    this.at += found[0].length;
    return name;
  }

  skipBlanks(): void {
    blanks.lastIndex = this.at;
    blanks.test(this.text);
    this.at = blanks.lastIndex;
  }

  /** Nothing more on this line, or a comment alone. */
  atLineEnd(): boolean {
    const { letter } = this;
    return letter === "" || letter === "\n" || (letter === "#" && this.text[this.at - 1] === " ");
  }

  /** Goes to the first letter of the next line that says something. */
  finishLine(): void {
    this.skipBlanks();
    if (!this.atLineEnd()) this.giveUp();
    this.#nextLine();
    this.toContent();
  }

  /** From the beginning of a line over blank lines and comments. */
  toContent(): void {
    for (;;) {
      this.skipBlanks();
      const { letter } = this;
      if (letter !== "#" && letter !== "\n") return;
      this.#nextLine();
    }
  }

  /** `column`: of what the value belongs to. */
  flowValue(column: number, around: Around, depth = 0): Node {
    this.count();
    const { letter } = this;
    if (letter === "{") return this.#flowMap(column, depth + 1);
    if (letter === "[") return this.#flowList(column, depth + 1);
    if (letter === '"' || letter === "'") return this.#quoted(letter);
    return this.#plain(around);
  }

  /** A text below a `|`, right of the column. */
  literal(column: number): ScalarNode {
    this.count();
    const { place } = this;
    const header = this.#match(literalHeader) ?? this.giveUp();
    this.#nextLine();
    const lines: string[] = [];
    const indent = this.#literalIndent();
    if (indent <= column) this.giveUp();
    for (let line = this.#literalLine(indent); line !== undefined;) {
      lines.push(line);
      line = this.#literalLine(indent);
    }
    while (lines.at(-1) === "") lines.pop();
    const value = lines.join("\n") + (header[1] === "-" ? "" : "\n");
    const start = { ...place, line: place.line + 1, column: indent + 1 };
    this.toContent();
    this.mustLeave(column);
    return { kind: "scalar", place, start, value, source: value, style: "literal" };
  }

  /** Of the first line that is not blank. Blanks on a line before it are the library's to judge, and so is a text cut short. */
  #literalIndent(): number {
    const { text } = this;
    let at = this.at;
    while (text[at] === "\n") at++;
    const start = at;
    while (text[at] === " ") at++;
    if (at >= text.length || text[at] === "\n" || !text.endsWith("\n")) this.giveUp();
    return at - start;
  }

  #literalLine(indent: number): string | undefined {
    const { text, at } = this;
    if (at >= text.length) return undefined;
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end);
    const margin = line.slice(0, indent);
    if (margin.trim() !== "") return undefined;
    if (line.trim() === "" && line.length > 0) this.giveUp();
    this.#nextLine();
    return line.slice(indent);
  }

  #nextLine(): void {
    const end = this.text.indexOf("\n", this.at);
    this.at = end < 0 ? this.text.length : end + 1;
    this.#line++;
    this.#lineStart = this.at;
  }

  #flowMap(column: number, depth: number): Node {
    const { place } = this;
    const entries = new Map<string, Entry>();
    this.#flow(column, depth, "}", () => {
      const entry = this.place;
      const key = this.key();
      if (entries.has(key)) this.giveUp();
      this.#flowBlanks(column);
      entries.set(key, { place: entry, value: this.flowValue(column, "flow", depth) });
    });
    return { kind: "map", place, entries };
  }

  #flowList(column: number, depth: number): Node {
    const { place } = this;
    const items: Node[] = [];
    this.#flow(column, depth, "]", () => {
      if (this.isKey()) this.giveUp();
      items.push(this.flowValue(column, "flow", depth));
    });
    return { kind: "list", place, items };
  }

  #flow(column: number, depth: number, end: "}" | "]", member: () => void): void {
    if (depth > most.depth) this.giveUp();
    this.at++;
    let letter = this.#flowMark(column);
    while (letter !== end) {
      member();
      letter = this.#flowMark(column);
      if (letter === end) break;
      if (letter !== ",") this.giveUp();
      this.at++;
      letter = this.#flowMark(column);
      if (letter === end) this.giveUp();
    }
    this.at++;
  }

  #flowMark(column: number): string {
    this.#flowBlanks(column);
    return this.letter;
  }

  /** Blanks and line ends inside brackets; each line must stand further right than what the whole belongs to. */
  #flowBlanks(column: number): void {
    this.skipBlanks();
    if (this.letter !== "\n") return;
    this.#nextLine();
    this.skipBlanks();
    if (this.letter === "\n" || this.letter === "#" || this.column <= column) this.giveUp();
  }

  #quoted(quote: string): ScalarNode {
    const { place } = this;
    const found = this.#match(quote === '"' ? doubleQuoted : singleQuoted) ?? this.giveUp();
    const inner = found[1] ?? "";
    const value = quote === "'" ? inner.replaceAll("''", "'") : this.#unescaped(inner);
    this.at += found[0].length;
    const start = { ...place, column: place.column + 1 };
    return { kind: "scalar", place, start, value, source: value, style: "quoted" };
  }

  #unescaped(inner: string): string {
    if (!inner.includes("\\")) return inner;
    return inner.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? this.giveUp());
  }

  #plain(around: Around): ScalarNode {
    const { place } = this;
    const [source] = this.#match(plain[around]) ?? this.giveUp();
    const value = coreValue(source);
    this.at += source.length;
    return { kind: "scalar", place, start: place, value, source, style: "plain" };
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }
}

/** The others are rare, and the library knows them. */
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  '"': '"',
  "\\": "\\",
  "/": "/",
};
