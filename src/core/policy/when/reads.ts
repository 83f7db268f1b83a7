/**
 * What a condition reads: vars, trait fields, functions; and whether these exist. Must not know values, nor how CEL types work.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { didYouMean } from "../../did-you-mean.ts";
import { childrenOf, refused } from "./syntax.ts";
import { compilePattern, limits, linearMatches } from "./cel.ts";
import { CannotDecide, type ConditionError, type VarRead } from "./condition.ts";
import { type Call, calls, changed, names } from "./functions.ts";
import type { Sections, Shape } from "./shape.ts";

export interface Reads {
  readonly kind: "reads";
  readonly vars: readonly VarRead[];
  readonly varsAsked: readonly string[];
  readonly roles: readonly VarRead[];
  readonly fields: readonly string[];
  readonly functions: readonly string[];
}

const loops = ["all", "exists", "exists_one", "map", "filter"];
/** CEL's own functions that conditions have. */
const standard = ["has", "size", "int", "double", "string", "bool", "type", "dyn", "matches"];
/** Those that they do not have: traits and vars are JSON, and the clock has functions of its own. */
const without = ["uint", "bytes", "timestamp", "duration"];
/** Names that CEL gives to types. */
const types = ["int", "double", "string", "bool", "list", "map", "null_type", "type"];
const roots = ["traits", "vars", "envoy"];
const envoyFields = ["id", "hostname"];
const callNames = calls.map(({ name }) => name);

/** Without `sections` the traits are not checked: the envoy takes what publish has let through. */
export function readsOf(root: ASTNode, sections: Sections | undefined): Reads | ConditionError {
  const reader = new Reader(sections);
  reader.visit(root, []);
  return reader.result();
}

/** `vars.site.port` as its root and keys, or undefined where the base is something else. */
interface Path {
  readonly root: ASTNode & { readonly op: "id" };
  readonly keys: readonly Key[];
}

interface Key {
  readonly name: string;
  /** Where it stands in the source. */
  readonly start: number;
}

function pathOf(node: ASTNode): Path | undefined {
  if (node.op === "id") return { root: node, keys: [] };
  const key = keyOf(node);
  if (key === undefined || (node.op !== "." && node.op !== "[]")) return undefined;
  const base = pathOf(node.args[0]);
  return base && { root: base.root, keys: [...base.keys, key] };
}

function keyOf(node: ASTNode): Key | undefined {
  if (node.op === ".") return { name: node.args[1], start: node.pos };
  if (node.op !== "[]" || node.args[1].op !== "value") return undefined;
  const { args: name, start } = node.args[1];
  return typeof name === "string" ? { name, start } : undefined;
}

class Reader {
  readonly #sections: Sections | undefined;
  readonly #vars = new Map<string, VarRead>();
  readonly #asked = new Set<string>();
  readonly #roles = new Map<string, VarRead>();
  readonly #fields = new Set<string>();
  readonly #functions = new Set<string>();
  #error: ConditionError | undefined;

  constructor(sections: Sections | undefined) {
    this.#sections = sections;
  }

  result(): Reads | ConditionError {
    return (
      this.#error ?? {
        kind: "reads",
        vars: [...this.#vars.values()],
        varsAsked: [...this.#asked].sort(),
        roles: [...this.#roles.values()],
        fields: [...this.#fields].sort(),
        functions: [...this.#functions].sort(),
      }
    );
  }

  /** `bound`: variables of the loops around. */
  visit(node: ASTNode, bound: readonly string[]): void {
    const path = pathOf(node);
    if (path && !bound.includes(path.root.args)) return void this.#path(path);
    if (node.op === "value") return void this.#literal(node);
    if (node.op === "rcall") return void this.#method(node, bound);
    if (node.op === "call") return void this.#call(node, bound);
    for (const child of childrenOf(node)) this.visit(child, bound);
  }

  /** The first thing that is wrong is what is said. */
  #refuse(message: string, { start }: { readonly start: number }, hint?: string): void {
    this.#error ??= refused(message, start, hint);
  }

  #literal(node: ASTNode & { readonly op: "value" }): void {
    if (typeof node.args !== "object" || node.args === null) return;
    const kind = node.args instanceof Uint8Array ? "bytes" : "unsigned numbers";
    this.#refuse(`${kind} are not part of conditions`, node, "traits and vars have no such values");
  }

  #path({ root, keys }: Path): void {
    const name = root.args;
    const [first] = keys;
    if (!roots.includes(name)) return void this.#name(root);
    if (first === undefined) {
      const hint = `name what is in it: ${name}.NAME`;
      return void this.#refuse(`${name} is not a value by itself`, root, hint);
    }
    if (name === "vars") this.#var(first.name, root.start);
    else if (name === "traits") this.#trait(first, keys.slice(1));
    else if (!envoyFields.includes(first.name))
      this.#unknown("field of envoy", first, envoyFields, `it has ${envoyFields.join(", ")}`);
  }

  #var(name: string, offset: number): void {
    if (!this.#vars.has(name)) this.#vars.set(name, { name, offset });
  }

  #name(node: ASTNode & { readonly op: "id" }): void {
    const known = names.find(({ name }) => name === node.args);
    if (known) {
      if (known === changed && this.#sections)
        this.#refuse(
          "changed stands alone",
          node,
          "take the rest out, or notify only when it holds",
        );
      this.#functions.add(known.name);
      this.#needs(known, node);
    } else if (!types.includes(node.args))
      this.#unknown("name", { name: node.args, start: node.start }, this.#names());
  }

  #names = () => [...roots, ...names.map(({ name }) => name), ...callNames];

  /** `all`: the way out when nothing is near. */
  #unknown(kind: string, word: Key, known: readonly string[], all?: string): void {
    const guess = didYouMean(word.name, known);
    const hint = guess === undefined ? all : `did you mean ${guess}?`;
    this.#refuse(`unknown ${kind} "${word.name}"`, word, hint);
  }

  #trait(section: Key, keys: readonly Key[]): void {
    const [field] = keys;
    this.#fields.add(field === undefined ? section.name : `${section.name}.${field.name}`);
    if (!this.#sections) return;
    const shape = this.#sections.get(section.name);
    if (shape) return void this.#within(shape, `traits.${section.name}`, keys);
    const all = "`vigo cli explain traits` lists them";
    this.#unknown("trait", section, [...this.#sections.keys()], all);
  }

  #within(shape: Shape, at: string, [key, ...rest]: readonly Key[]): void {
    if (key === undefined) return;
    if (shape.kind === "map") return void this.#within(shape.value, `${at}[…]`, rest);
    if (shape.kind !== "object") return;
    const inner = shape.fields.get(key.name);
    if (inner) return void this.#within(inner, `${at}.${key.name}`, rest);
    const known = [...shape.fields.keys()];
    this.#unknown(`field of ${at}`, key, known, `it has ${known.join(", ")}`);
  }

  /** Trait fields that a function of ours reads. */
  #needs(
    { name, needs = [] }: { readonly name: string; readonly needs?: readonly string[] },
    node: ASTNode,
  ): void {
    for (const path of needs) {
      this.#fields.add(path);
      const [section = "", field = ""] = path.split(".");
      const shape = this.#sections?.get(section);
      const there = shape?.kind === "object" && shape.fields.has(field);
      const missing = shape === undefined ? section : path;
      if (this.#sections && !there)
        this.#refuse(`${name} needs the trait ${missing}, which this version does not have`, node);
    }
  }

  #method(node: ASTNode & { readonly op: "rcall" }, bound: readonly string[]): void {
    const [name, receiver, args] = node.args;
    if (name === linearMatches) this.#pattern(args[0]);
    this.visit(receiver, bound);
    const [variable, ...rest] = args;
    if (!loops.includes(name) || variable?.op !== "id" || rest.length === 0) {
      for (const arg of args) this.visit(arg, bound);
      return;
    }
    if (this.#names().includes(variable.args))
      this.#refuse(`${variable.args} means something else already`, variable, "use another letter");
    if (bound.length >= limits.loops)
      this.#refuse(`${name} inside more than ${limits.loops - 1} other`, node);
    for (const arg of rest) this.visit(arg, [...bound, variable.args]);
  }

  #call(node: ASTNode & { readonly op: "call" }, bound: readonly string[]): void {
    const [name, args] = node.args;
    if (name === "matches") this.#pattern(args[1]);
    const call = calls.find((known) => known.name === name);
    if (call) this.#ours(call, args, node);
    else if (names.some((known) => known.name === name))
      this.#refuse(`${name} takes nothing`, node, `write ${name}`);
    else if (without.includes(name)) this.#refuse(`${name} is not part of conditions`, node);
    else if (!standard.includes(name))
      this.#unknown("function", { name, start: node.start }, [...callNames, ...standard]);
    const asked = name === "has" ? args[0] && pathOf(args[0]) : undefined;
    if (asked?.root.args === "vars") this.#asked.add(asked.keys[0]?.name ?? "");
    for (const arg of args) this.visit(arg, bound);
  }

  #ours(call: Call, args: readonly ASTNode[], node: ASTNode): void {
    this.#functions.add(call.name);
    this.#needs(call, node);
    const least = call.takes.length - (call.optional ?? 0);
    if (args.length < least || args.length > call.takes.length)
      return void this.#refuse(
        `${call.name} takes ${count(least, call.takes.length)}, not ${args.length}`,
        node,
      );
    const [first] = args;
    const role = call.name === "role" && first?.op === "value" ? first.args : undefined;
    if (typeof role === "string") this.#roles.set(role, { name: role, offset: first?.start ?? 0 });
    const given = args.flatMap((arg) => literalOf(arg) ?? []);
    const reason = given.length === args.length ? call.refuses?.(...given) : undefined;
    if (reason !== undefined) this.#refuse(`${call.name}: ${reason}`, args[0] ?? node);
  }

  #pattern(node: ASTNode | undefined): void {
    if (node?.op !== "value" || typeof node.args !== "string") return;
    try {
      compilePattern(node.args);
    } catch (error) {
      if (!(error instanceof CannotDecide)) throw error;
      this.#refuse(error.message, node, "RE2 has no lookaround and no backreferences");
    }
  }
}

const count = (least: number, most: number) => {
  const numbers = least === most ? `${most}` : `${least} or ${most}`;
  return `${numbers} argument${most === 1 ? "" : "s"}`;
};

function literalOf(node: ASTNode): string | number | undefined {
  if (node.op === "-_") {
    const inner = literalOf(node.args);
    return typeof inner === "number" ? -inner : undefined;
  }
  if (node.op !== "value") return undefined;
  const { args: value } = node;
  if (typeof value === "bigint") return Number(value);
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}
