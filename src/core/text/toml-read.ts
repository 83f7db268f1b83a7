/**
 * TOML 1.0 read with the place of every value (toml.io/en/v1.0.0). Dates are texts here, and floats without a JSON spelling
 * too. Must not change anything; what it does not know it refuses.
 */
import type { Json } from "../json.ts";
import type { KeyPath } from "./key-path.ts";
import { TomlScanner } from "./toml-scan.ts";

/** A value somewhere in the text, and what is inside it. */
export interface TomlNode {
  readonly value: Json;
  readonly start: number;
  readonly end: number;
  /** Of an inline table or a list. */
  readonly members?: readonly TomlEntry[];
}

/** `key = value`, or an item of a list. */
export interface TomlEntry {
  /** From the table or inline table it stands in; empty for an item. */
  readonly path: KeyPath;
  readonly start: number;
  readonly node: TomlNode;
}

/** What stands under one header; the first, without a header, begins the file. */
export interface TomlTable {
  /** With the index of each list of tables on the way. */
  readonly path: KeyPath;
  readonly start: number;
  /** Behind the header's line. */
  readonly body: number;
  readonly isItem: boolean;
  readonly entries: readonly TomlEntry[];
}

export interface Toml {
  readonly value: Json;
  readonly tables: readonly TomlTable[];
}

interface Tree {
  [key: string]: Json | Tree | Tree[];
}

const deepest = 100;

/** Rejects with line and column of what is not TOML. */
export function readToml(text: string): Toml {
  return new Reader(text).file();
}

type Header = Omit<TomlTable, "entries"> & { readonly tree: Tree };

class Reader extends TomlScanner {
  readonly #root: Tree = Object.create(null) as Tree;
  /** What headers have made (`table`), what dotted keys have made, and what is a list of tables. */
  readonly #made = new Map<object, "header" | "implicit" | "dotted">();
  readonly #lists = new Set<object>();

  constructor(text: string) {
    super(text);
    this.#made.set(this.#root, "header");
  }

  file(): Toml {
    const tables: TomlTable[] = [];
    for (
      let header: Header | undefined = this.#first();
      header !== undefined;
      header = this.#header()
    ) {
      const { tree, ...table } = header;
      const entries: TomlEntry[] = [];
      for (let entry = this.#entry(tree); entry !== undefined; entry = this.#entry(tree))
        entries.push(entry);
      tables.push({ ...table, entries });
    }
    return { value: plain(this.#root), tables };
  }

  #first(): Header {
    return { path: [] as KeyPath, start: 0, body: 0, isItem: false, tree: this.#root };
  }

  #header(): Header | undefined {
    this.lines();
    if (this.at >= this.text.length) return undefined;
    const start = this.at;
    const open = this.take(/\[\[|\[/y);
    if (open === undefined) throw this.stuck("no key and no header");
    this.take(/[ \t]*/y);
    const keys = this.keys();
    if (this.take(open === "[[" ? /\]\]/y : /\]/y) === undefined)
      throw this.stuck("a header without an end");
    this.lineEnd();
    const { tree, path } = this.#open(keys, open === "[[", start);
    return { path, start, body: this.at, isItem: open === "[[", tree };
  }

  /** The table a header names; a list of tables gets one more. */
  #open(keys: readonly string[], isItem: boolean, start: number) {
    const path: (string | number)[] = [];
    let tree = this.#root;
    for (const key of keys.slice(0, -1)) {
      path.push(key);
      const next = tree[key] ?? this.#newTable(tree, key, "implicit");
      const list = Array.isArray(next) && this.#lists.has(next) ? (next as Tree[]) : undefined;
      if (list !== undefined) path.push(list.length - 1);
      const inner = list === undefined ? next : list.at(-1);
      if (!this.#isTable(inner)) throw this.stuck(`${key} is no table`, start);
      tree = inner;
    }
    const last = keys.at(-1) ?? "";
    path.push(last);
    const made = isItem ? this.#newItem(tree, last, path, start) : this.#named(tree, last, start);
    return { tree: made, path };
  }

  #isTable(value: unknown): value is Tree {
    return typeof value === "object" && value !== null && this.#made.has(value);
  }

  #newTable(tree: Tree, key: string, how: "header" | "implicit" | "dotted"): Tree {
    const made = Object.create(null) as Tree;
    this.#made.set(made, how);
    tree[key] = made;
    return made;
  }

  #newItem(tree: Tree, key: string, path: (string | number)[], start: number): Tree {
    const list = tree[key] ?? [];
    if (tree[key] === undefined) {
      tree[key] = list;
      this.#lists.add(list as object);
    }
    if (!Array.isArray(list) || !this.#lists.has(list))
      throw this.stuck(`${key} is there already, and no list of tables`, start);
    const made = Object.create(null) as Tree;
    this.#made.set(made, "header");
    (list as Tree[]).push(made);
    path.push(list.length - 1);
    return made;
  }

  #named(tree: Tree, key: string, start: number): Tree {
    const there = tree[key];
    if (there === undefined) return this.#newTable(tree, key, "header");
    if (!this.#isTable(there) || this.#made.get(there) !== "implicit")
      throw this.stuck(`${key} is there twice`, start);
    this.#made.set(there, "header");
    return there;
  }

  /** Undefined before a header and at the end. */
  #entry(table: Tree): TomlEntry | undefined {
    this.lines();
    if (this.at >= this.text.length || this.text[this.at] === "[") return undefined;
    const entry = this.#pair(table, 0);
    this.lineEnd();
    return entry;
  }

  #pair(table: Tree, depth: number): TomlEntry {
    const start = this.at;
    const keys = this.keys();
    if (this.take(/=[ \t]*/y) === undefined) throw this.stuck("no = after the key");
    const node = this.#value(depth + 1);
    let tree = table;
    for (const key of keys.slice(0, -1)) {
      const next = tree[key] ?? this.#newTable(tree, key, "dotted");
      if (!this.#isTable(next) || this.#made.get(next) !== "dotted")
        throw this.stuck(`${key} is no table that a dotted key can add to`, start);
      tree = next;
    }
    const last = keys.at(-1) ?? "";
    if (tree[last] !== undefined) throw this.stuck(`${last} is there twice`, start);
    tree[last] = node.value;
    return { path: keys, start, node };
  }

  #value(depth: number): TomlNode {
    if (depth > deepest) throw this.stuck("nested too deep");
    const start = this.at;
    const open = this.text[start];
    if (open === "[") return this.#list(depth);
    if (open === "{") return this.#inline(depth);
    const value = open === '"' || open === "'" ? this.quoted() : this.word();
    return { value, start, end: this.at };
  }

  #list(depth: number): TomlNode {
    const start = this.at;
    const members: TomlEntry[] = [];
    this.at += 1;
    for (let more = true; more;) {
      this.lines();
      if (this.text[this.at] === "]") break;
      const node = this.#value(depth + 1);
      members.push({ path: [], start: node.start, node });
      this.lines();
      more = this.take(/,/y) !== undefined;
    }
    if (this.take(/\]/y) === undefined) throw this.stuck("no ] or comma");
    return { value: members.map(({ node }) => node.value), start, end: this.at, members };
  }

  #inline(depth: number): TomlNode {
    const start = this.at;
    const members: TomlEntry[] = [];
    const tree = Object.create(null) as Tree;
    this.at += 1;
    this.take(/[ \t]*/y);
    for (let more = this.text[this.at] !== "}"; more;) {
      this.take(/[ \t]*/y);
      members.push(this.#pair(tree, depth + 1));
      this.take(/[ \t]*/y);
      more = this.take(/,/y) !== undefined;
    }
    if (this.take(/\}/y) === undefined) throw this.stuck("no } or comma");
    return { value: plain(tree), start, end: this.at, members };
  }
}

/** Ordinary objects of what was built. */
function plain(value: Tree | Json | Tree[]): Json {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, plain(inner as Json)]),
  );
}
