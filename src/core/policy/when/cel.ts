/**
 * The CEL library with our functions in it: one environment that checks types, one that evaluates. Loaded when the first
 * condition comes along and not before: an agent whose bundle has none does without. Must not know where values come from.
 */
import type { Environment, TypeDeclaration } from "@marcbachmann/cel-js";
import type { RE2JS } from "re2js";
import { CannotDecide } from "./condition.ts";
import {
  type Argument,
  type ArgumentType,
  type Call,
  calls,
  type Facts,
  names,
} from "./functions.ts";
import { type CelValue, celValue, type Sections, type Shape } from "./shape.ts";

/** Required, not imported: loaded on first use, and without making the callers asynchronous. */
export const library = () =>
  require("@marcbachmann/cel-js") as typeof import("@marcbachmann/cel-js");

/** The library says so, with an error like any other, where an operator stands on the items of an empty list. */
export const isUnclear = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith("Operator overload ");

/** What `matches` is called inside, on a linear-time engine: the library's own backtracks and cannot be replaced. */
export const linearMatches = "matches_in_linear_time";

/** What the library says of types, without its own words for them. */
export function inPlainWords(summary: string): string {
  const plain = summary
    .replaceAll(linearMatches, "matches")
    .replaceAll(/\bdyn<(\w+)>/g, "$1")
    .replace(/^no such overload: /, "types do not fit: ")
    .replace(/^found no matching overload for /, "no function fits ");
  return plain.charAt(0).toLowerCase() + plain.slice(1);
}

export const limits = {
  bytes: 4096,
  /** Nodes from the root to a leaf. */
  depth: 200,
  /** `all`, `exists`, `map` … inside one another. */
  loops: 2,
};

/** Knows the type of every trait field. */
export function checkingEnvironment(sections: Sections): Environment {
  const schema = Object.fromEntries([...sections].map(([name, shape]) => [name, schemaOf(shape)]));
  return withOurs(
    newEnvironment()
      .registerVariable("traits", { schema })
      .registerVariable("vars", "map<string, dyn>")
      .registerVariable("envoy", { schema: { id: "string", hostname: "string" } }),
  );
}

/** Takes any type, as publish has checked already. */
export const evaluatingEnvironment = (): Environment =>
  withOurs(
    newEnvironment()
      .registerVariable("traits", "dyn")
      .registerVariable("vars", "dyn")
      .registerVariable("envoy", "dyn"),
  );

const newEnvironment = (): Environment =>
  new (library().Environment)({
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 2000, maxDepth: 64, maxListElements: 500, maxMapEntries: 500 },
  });

type Schema = string | { readonly [field: string]: Schema };

function schemaOf(shape: Shape): Exclude<Schema, undefined> {
  if (shape.kind === "object" && shape.fields.size > 0)
    return Object.fromEntries([...shape.fields].map(([name, field]) => [name, schemaOf(field)]));
  return typeName(shape);
}

function typeName(shape: Shape): string {
  if (shape.kind === "list") return `list<${typeName(shape.item)}>`;
  if (shape.kind === "map") return `map<string, ${typeName(shape.value)}>`;
  return shape.kind === "any" || shape.kind === "object" ? "dyn" : shape.kind;
}

function withOurs(environment: Environment): Environment {
  for (const { name, type } of names) environment.registerVariable(name, type);
  for (const call of calls) registerCall(environment, call);
  environment.registerFunction(`string.${linearMatches}(string): bool`, matches, { async: false });
  environment.registerFunction("matches(string, string): bool", matches, { async: false });
  return environment;
}

/** The values one evaluation sees; names are worked out when they are read. */
export class Scope {
  readonly traits: CelValue;
  readonly vars: CelValue;
  readonly envoy: CelValue;
  /** No expression can name it. */
  readonly $facts: Facts;

  constructor(values: Readonly<Record<"traits" | "vars" | "envoy", CelValue>>, facts: Facts) {
    this.traits = values.traits;
    this.vars = values.vars;
    this.envoy = values.envoy;
    this.$facts = facts;
  }
}
for (const { name, value } of names)
  Object.defineProperty(Scope.prototype, name, {
    get(this: Scope) {
      return celValue(value(this.$facts));
    },
  });

/** What the library hands to a macro, which it does not declare. */
interface Macro {
  readonly args: readonly unknown[];
}
interface Lookup {
  getValue(name: "$facts"): Facts;
}
interface Checker {
  check(node: unknown, context: Lookup): TypeDeclaration;
  getType(name: string): TypeDeclaration;
  createError(code: string, message: string, node: unknown): Error;
}
interface Evaluator {
  run(node: unknown, context: Lookup): CelValue | Promise<CelValue>;
}

/** As a macro, because only macros are told the context they are evaluated in. */
function registerCall(environment: Environment, call: Call): void {
  const least = call.takes.length - (call.optional ?? 0);
  for (let count = least; count <= call.takes.length; count++) {
    const signature = `${call.name}(${Array(count).fill("ast").join(", ")}): bool`;
    environment.registerFunction(signature, ({ args }: Macro) => macroOf(call, args));
  }
}

const macroOf = (call: Call, nodes: readonly unknown[]) => ({
  async: call.asks === true,
  typeCheck(checker: Checker, _: unknown, context: Lookup) {
    for (const [index, node] of nodes.entries()) {
      const wanted = call.takes[index];
      const type = checker.check(node, context).name;
      if (wanted !== undefined && !accepted[wanted].includes(type))
        throw checker.createError("wrong_argument", wants(call, index), node);
    }
    return checker.getType("bool");
  },
  evaluate(evaluator: Evaluator, _: unknown, context: Lookup) {
    const values = nodes.map((node) => evaluator.run(node, context));
    const facts = context.getValue("$facts");
    const answer = (given: readonly CelValue[]) =>
      call.call(facts, ...given.map((value, index) => argument(call, index, value)));
    if (values.some((value) => value instanceof Promise)) return Promise.all(values).then(answer);
    return answer(values as readonly CelValue[]);
  },
});

const accepted: Readonly<Record<ArgumentType, readonly string[]>> = {
  string: ["string", "dyn"],
  int: ["int", "dyn"],
  number: ["int", "double", "dyn"],
};
const words: Readonly<Record<ArgumentType, string>> = {
  string: "a text",
  int: "a whole number",
  number: "a number",
};

const wants = ({ name, takes }: Call, index: number) =>
  `${name} wants ${words[takes[index] ?? "string"]} here`;

/** Types that only show when there is a value. */
function argument(call: Call, index: number, value: CelValue): Argument {
  const wanted = call.takes[index];
  if (wanted === "string" && typeof value === "string") return value;
  if (wanted !== "string" && typeof value === "bigint") return Number(value);
  if (wanted === "number" && typeof value === "number") return value;
  throw new CannotDecide(wants(call, index));
}

const patterns = new Map<string, RE2JS>();
const patternsKept = 256;

/** A pattern of RE2's syntax, found anywhere in the text. */
function matches(text: string, pattern: string): boolean {
  return compilePattern(pattern).matcher(text).find();
}

export function compilePattern(pattern: string): RE2JS {
  const found = patterns.get(pattern);
  if (found) return found;
  const { RE2JS } = require("re2js") as typeof import("re2js");
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith("RE2JS")) throw error;
    throw new CannotDecide(`"${pattern}" is no regular expression of RE2's syntax`, {
      cause: error,
    });
  }
  if (patterns.size >= patternsKept) patterns.delete([...patterns.keys()][0] ?? "");
  patterns.set(pattern, compiled);
  return compiled;
}
