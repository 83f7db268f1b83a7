/**
 * Composed YAML to nodes: aliases resolved and counted, duplicate keys and what the language leaves out refused. Must not
 * know the keys of the language.
 */
import {
  isAlias,
  isMap,
  isScalar,
  type Pair,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Findings, Words } from "./findings.ts";
import { limits } from "./limits.ts";
import type { Entry, ListNode, MapNode, Node, ScalarNode } from "./node.ts";
import type { Source } from "./source.ts";

/** Undefined for nothing at all, and for what the language leaves out (then a problem says so). */
export function toNode(
  contents: ParsedNode | null,
  source: Source,
  found: Findings,
): Node | undefined {
  if (contents === null || (isScalar(contents) && contents.value === null)) return undefined;
  return new Conversion(source, found).convert(contents, 0)?.node;
}

/** A node with what it costs: values in it and levels below it, aliases counted as what they stand for. */
interface Sized {
  readonly node: Node;
  readonly nodes: number;
  readonly levels: number;
}

class Conversion {
  /** `open` while the anchored node itself is being read. */
  readonly #anchors = new Map<string, Sized | "open" | "refused">();
  #refused = false;
  #nodes = 0;

  constructor(
    readonly source: Source,
    readonly found: Findings,
  ) {}

  convert(parsed: ParsedNode, depth: number): Sized | undefined {
    if (this.#refused) return undefined;
    if (isAlias(parsed)) return this.#alias(parsed.source, parsed.range[0], depth);
    if (parsed.tag !== undefined)
      return this.#refuse("VG208", parsed.range[0], {
        message: "a YAML tag",
        hint: "take the tag out; a type's schema decides what a value is",
      });
    if (parsed.anchor !== undefined) this.#anchors.set(parsed.anchor, "open");
    const sized = this.#plain(parsed, depth);
    if (parsed.anchor !== undefined) this.#anchors.set(parsed.anchor, sized ?? "refused");
    return sized;
  }

  #plain(parsed: Scalar.Parsed | YAMLMap.Parsed | YAMLSeq.Parsed, depth: number) {
    if (isScalar(parsed))
      return this.#count({ node: this.#scalar(parsed), nodes: 1, levels: 0 }, 1);
    return isMap(parsed) ? this.#map(parsed, depth) : this.#list(parsed, depth);
  }

  #alias(name: string, offset: number, depth: number): Sized | undefined {
    const known = this.#anchors.get(name);
    if (known === "refused") return undefined;
    if (known === undefined || known === "open") {
      const message =
        known === "open"
          ? `alias "${name}" stands inside itself`
          : `no anchor "${name}" before this alias`;
      return this.#refuse("VG207", offset, { message });
    }
    if (depth + known.levels > limits.depth) return this.#tooMuch(offset, "nested too deep");
    return this.#count(known, known.nodes, offset);
  }

  #map(parsed: YAMLMap.Parsed, depth: number): Sized | undefined {
    const template = this.#template(parsed);
    if (template !== undefined) return template;
    const place = this.source.at(parsed.range[0]);
    const entries = new Map<string, Entry>();
    let nodes = 1;
    let levels = 0;
    for (const pair of parsed.items) {
      const key = this.#key(pair, parsed.range[0]);
      if (key === undefined) continue;
      this.#twice(entries, key);
      const value =
        pair.value === null ? this.#nothing(key.end) : this.convert(pair.value, depth + 1);
      if (value === undefined) continue;
      entries.set(key.name, { place: this.source.at(key.start), value: value.node });
      nodes += value.nodes;
      levels = Math.max(levels, value.levels);
    }
    const node: MapNode = { kind: "map", place, entries };
    return this.#count({ node, nodes, levels: levels + 1 }, 1, parsed.range[0]);
  }

  /** `{{ x }}` without quotes is a map with a map for its key. Said, and read on as the text it was meant to be. */
  #template(parsed: YAMLMap.Parsed): Sized | undefined {
    const [start] = parsed.range;
    const { text } = this.source;
    if (!isMap(parsed.items[0]?.key) || !text.startsWith("{{", start)) return undefined;
    const source = text.slice(start, text.indexOf("}}", start) + 2);
    this.#say("VG204", start, {
      message: "a template without quotes is read as a map",
      hint: `write "${source}"`,
    });
    const place = this.source.at(start);
    const node: ScalarNode = {
      kind: "scalar",
      place,
      start: place,
      value: source,
      source,
      style: "quoted",
    };
    return { node, nodes: 1, levels: 0 };
  }

  #list(parsed: YAMLSeq.Parsed, depth: number): Sized | undefined {
    const items: Node[] = [];
    let nodes = 1;
    let levels = 0;
    for (const item of parsed.items) {
      const value = "range" in item ? this.convert(item, depth + 1) : undefined;
      if (value === undefined) continue;
      items.push(value.node);
      nodes += value.nodes;
      levels = Math.max(levels, value.levels);
    }
    const node: ListNode = { kind: "list", place: this.source.at(parsed.range[0]), items };
    return this.#count({ node, nodes, levels: levels + 1 }, 1, parsed.range[0]);
  }

  #key(pair: Pair<ParsedNode, ParsedNode | null>, mapStart: number) {
    const { key } = pair;
    if (isScalar(key) && key.value !== null && key.source !== undefined && key.tag === undefined) {
      const name = key.source;
      const [start, end] = key.range;
      if (name !== "<<" || key.type !== "PLAIN") return { name, start, end };
      this.#say("VG208", start, {
        message: "a merge key",
        hint: "write the keys out, or use vars",
      });
      return undefined;
    }
    this.#say("VG208", key?.range?.[0] ?? mapStart, { message: "a key that is not a text" });
    return undefined;
  }

  #twice(
    entries: ReadonlyMap<string, Entry>,
    key: { readonly name: string; readonly start: number },
  ) {
    const first = entries.get(key.name);
    if (first === undefined) return;
    this.#say("VG205", key.start, {
      message: `key "${key.name}" is given twice; the first is in line ${first.place.line}`,
    });
  }

  #nothing(offset: number): Sized {
    const place = this.source.at(offset);
    const node: ScalarNode = {
      kind: "scalar",
      place,
      start: place,
      value: null,
      source: "",
      style: "plain",
    };
    return { node, nodes: 1, levels: 0 };
  }

  #scalar(parsed: Scalar.Parsed): ScalarNode {
    const [offset] = parsed.range;
    const place = this.source.at(offset);
    const { value, type } = parsed;
    const known = typeof value === "number" || typeof value === "boolean" || value === null;
    const read = known ? value : String(value);
    const plain = type === "PLAIN";
    const source = plain ? parsed.source : String(read ?? "");
    if (type === "BLOCK_LITERAL" || type === "BLOCK_FOLDED") {
      const start = { ...place, line: place.line + 1, column: this.#indent(parsed.range) + 1 };
      const style = type === "BLOCK_LITERAL" ? "literal" : "folded";
      return { kind: "scalar", place, start, value: read, source, style };
    }
    const start = plain ? place : { ...place, column: place.column + 1 };
    return { kind: "scalar", place, start, value: read, source, style: plain ? "plain" : "quoted" };
  }

  /** Blanks before each line of a block scalar. */
  #indent([start, end]: readonly [number, number, number]): number {
    const lines = this.source.text.slice(start, end).split("\n").slice(1);
    const blanks = lines.filter((line) => line.trim() !== "").map((line) => line.search(/[^ ]/));
    return Math.min(...blanks.slice(0, 1000), Number.MAX_SAFE_INTEGER) % Number.MAX_SAFE_INTEGER;
  }

  /** Charges what a node costs; an alias costs what it stands for. */
  #count(sized: Sized, cost: number, offset = 0): Sized | undefined {
    this.#nodes += cost;
    return this.#nodes > limits.nodes ? this.#tooMuch(offset, "too many values") : sized;
  }

  #tooMuch(offset: number, message: string): undefined {
    if (this.#refused) return;
    this.#say("VG206", offset, {
      message: `${message}, with what the aliases stand for`,
      hint: "write fewer aliases",
    });
    this.#refused = true;
  }

  #refuse(code: "VG207" | "VG208", offset: number, words: Words): undefined {
    this.#say(code, offset, words);
  }

  #say(code: "VG204" | "VG205" | "VG206" | "VG207" | "VG208", offset: number, words: Words) {
    this.found.problem(code, this.source.at(offset), this.source.textAt(offset), words);
  }
}
