/**
 * Reads a query as people write it: `where traits.os.distro == "debian" select os.version, memory.used_pct`,
 * `select avg(memory.used_pct) group by os.distro`, or only paths. Must not know who answers.
 */
import { VigoError } from "../errors.ts";
import { parseCondition } from "../policy/when/parse.ts";
import type { Condition } from "../policy/when/condition.ts";
import { type Sections, sectionsOf, type Shape } from "../policy/when/shape.ts";
import type { AnyTraitType } from "../trait.ts";
import { type Clause, clausesOf, type ClauseName } from "./clauses.ts";
import { type AggregateName, type Column, functions, limits, type Query } from "./query.ts";
import { shapeAt } from "./paths.ts";

/** Throws `invalid` with the column of what is wrong. */
export function parseQuery(text: string, traits: readonly AnyTraitType[]): Query {
  if (text.length > limits.letters)
    throw wrong(limits.letters, `a query has at most ${limits.letters} letters`);
  const clauses = byName(clausesOf(text));
  const sections = sectionsOf(traits);
  const where = condition(clauses.get("where"), traits);
  const items = split(clauses.get("select")).map(item);
  const groups = split(clauses.get("group by"));
  const paths = new Paths(sections);
  const grouped = groups.map(({ text: path, at }) => paths.add(path, at));
  const isGrouped = clauses.has("group by") || items.some(({ of }) => of !== undefined);
  const columns = items.map((one) => column(one, paths, isGrouped ? grouped : undefined));
  return {
    where: where?.source ?? "",
    paths: paths.all,
    sections: [...new Set([...paths.sections, ...(where?.sections ?? [])])].sort(),
    columns: isGrouped
      ? [...keys(grouped, columns, paths.all), ...columns, ...counted(columns)]
      : columns,
    groupBy: isGrouped ? grouped : undefined,
  };
}

/** What is grouped by is shown, also where nobody selects it. */
const keys = (grouped: readonly number[], columns: readonly Column[], paths: readonly string[]) =>
  grouped
    .filter((path) => columns.every((each) => each.of !== undefined || each.path !== path))
    .map((path): Column => ({ name: paths[path] ?? "", path }));

/** Groups of which nothing is asked are counted. */
const counted = (columns: readonly Column[]): readonly Column[] =>
  columns.length === 0 ? [{ name: "count()", of: "count" }] : [];

const wrong = (at: number, message: string, hint?: string): VigoError =>
  new VigoError("invalid", `query, column ${at + 1}: ${message}`, { hint });

function byName(clauses: readonly Clause[]): ReadonlyMap<ClauseName, Clause> {
  const named = new Map<ClauseName, Clause>();
  for (const clause of clauses) {
    const { name, at, start, text } = clause;
    if (named.has(name)) throw wrong(at, `${name} is there twice`);
    if (text.trim() === "") throw wrong(start, `nothing follows ${name}`);
    named.set(name, clause);
  }
  if (named.size > 0) return named;
  throw wrong(0, "the query is empty", "filesystem.root_used_pct, or: where … select … group by …");
}

function condition(
  clause: Clause | undefined,
  traits: readonly AnyTraitType[],
): Condition | undefined {
  if (clause === undefined) return undefined;
  const source = clause.text.trim();
  const start = clause.start + clause.text.indexOf(source);
  const read = parseCondition(source, traits);
  if (read.kind === "error") throw wrong(start + read.offset, read.message, read.hint);
  const [name] = [...read.vars, ...read.roles];
  if (name !== undefined || read.functions.includes("environment"))
    throw wrong(
      start + (name?.offset ?? Math.max(0, source.indexOf("environment"))),
      "a query reads traits and envoy only",
      "for a role or an environment: --target @NAME",
    );
  if (read.changed || read.needsEnvoy)
    throw wrong(start, "a query asks for traits only, and runs nothing");
  return read;
}

interface Word {
  readonly text: string;
  readonly at: number;
}

/** Between commas. */
function split(clause: Clause | undefined): readonly Word[] {
  if (clause === undefined) return [];
  let at = clause.start;
  return clause.text.split(",").map((part) => {
    const text = part.trim();
    const start = at + Math.max(0, part.indexOf(text));
    at += part.length + 1;
    if (text === "") throw wrong(start, "a path is missing", "os.distro, memory.used_pct");
    return { text, at: start };
  });
}

interface Item extends Word {
  readonly of?: AggregateName;
  /** Absent: `count()`. */
  readonly path?: Word;
}

const call = /^([a-z_]+)\s*\(\s*([^()]*?)\s*\)$/i;

function item(word: Word): Item {
  const { text, at } = word;
  if (text.toLowerCase() === "count") return { ...word, of: "count" };
  const [, written = "", inside = ""] = call.exec(text) ?? [];
  if (written === "") return { ...word, path: word };
  const of = functions.find((name) => name === written.toLowerCase());
  if (of === undefined)
    throw wrong(at, `there is no function ${written}`, `there are ${functions.join(", ")}`);
  const path = { text: inside, at: at + text.indexOf("(") + 1 };
  if (inside !== "" && inside !== "*") return { ...word, of, path };
  if (of === "count") return { ...word, of };
  throw wrong(at, `${of} of what?`, `${of}(memory.used_pct)`);
}

function column(
  { of, path, text, at }: Item,
  paths: Paths,
  grouped: readonly number[] | undefined,
): Column {
  if (path === undefined) return { name: "count()", of: "count" };
  const index = paths.add(path.text, path.at);
  const name = paths.all[index] ?? "";
  if (of === undefined) {
    if (grouped === undefined || grouped.includes(index)) return { name, path: index };
    throw wrong(at, `${text} is one value a machine, and the rest is of all`, `group by ${text}`);
  }
  if (of !== "count") paths.mustBe(index, of, path.at);
  return { name: `${of}(${name})`, of, path: index };
}

const numbers = ["int", "double", "any"];

/** Each path once, and what stands there. */
class Paths {
  readonly all: string[] = [];
  readonly sections = new Set<string>();
  readonly #shapes: Shape[] = [];
  readonly #sections: Sections;

  constructor(sections: Sections) {
    this.#sections = sections;
  }

  add(written: string, at: number): number {
    const path = written.replace(/^traits\./, "");
    const odd = /[\s()"'`,]/.exec(path)?.[0];
    if (odd !== undefined) {
      const column = at + written.indexOf(odd);
      throw wrong(column, `"${odd}" is not part of a path`, "between paths stands a comma");
    }
    const known = this.all.indexOf(path);
    if (known >= 0) return known;
    const shape = shapeAt(path, this.#sections);
    if ("message" in shape) throw wrong(at, shape.message, shape.hint);
    if (this.all.length === limits.paths) throw wrong(at, `more than ${limits.paths} paths`);
    this.sections.add(/^[^.[]*/.exec(path)?.[0] ?? "");
    this.#shapes.push(shape);
    return this.all.push(path) - 1;
  }

  /** Of numbers, and texts where there is a first and a last. */
  mustBe(index: number, of: AggregateName, at: number): void {
    const { kind } = this.#shapes[index] ?? { kind: "any" };
    if (numbers.includes(kind) || (kind === "string" && (of === "min" || of === "max"))) return;
    throw wrong(
      at,
      `${of} takes numbers, and ${this.all[index]} is ${said(kind)}`,
      "count takes all",
    );
  }
}

const said = (kind: Shape["kind"]): string =>
  ({ string: "a text", bool: "true or false", list: "a list", map: "a map", object: "a map" })[
    kind as string
  ] ?? kind;
