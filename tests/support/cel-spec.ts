/**
 * The CEL conformance suite (tests/vectors/cel-spec) as cases, and one case through our own engine. Must not know which cases
 * we do not keep to.
 */
import { CannotDecide } from "../../src/core/policy/when/condition.ts";
import { evaluatingEnvironment, library } from "../../src/core/policy/when/cel.ts";
import { parseSyntax } from "../../src/core/policy/when/syntax.ts";
import { bytesOf, type Message, parseTextproto, type Value } from "./textproto.ts";

export interface Case {
  /** `comparisons/eq_literal/eq_int` */
  readonly name: string;
  readonly expression: string;
  readonly bindings: Readonly<Record<string, Expected>>;
  /** The right answer as `spell` writes it; `an error`; undefined where the suite says only what type it has. */
  readonly wanted: string | undefined;
  /** It is about protocol buffers, or names inside a container, which our conditions do not have. */
  readonly beyond: string | undefined;
}

/** A value of the suite: what CEL gives, with the types that JavaScript lacks spelled out. */
type Expected = unknown;

export async function readCases(file: string): Promise<readonly Case[]> {
  const text = await Bun.file(`tests/vectors/cel-spec/${file}.textproto`).text();
  return messages(parseTextproto(text), "section").flatMap((section) =>
    messages(section, "test").map((test) => caseOf(`${file}/${first(section, "name")}`, test)),
  );
}

function caseOf(section: string, test: Message): Case {
  const expression = utf8(String(first(test, "expr")));
  const beyond = beyondUs(expression, test);
  const bindings = beyond === undefined ? bindingsOf(test) : {};
  const wanted = beyond === undefined ? wantedOf(test) : undefined;
  return { name: `${section}/${first(test, "name")}`, expression, bindings, wanted, beyond };
}

/** Parts of CEL that conditions do without, by what gives them away outside strings. */
const parts: readonly (readonly [string, RegExp])[] = [
  ["protocol buffers", /TestAllTypes|GlobalEnum|google|proto[23]\.|NestedEnum/],
  ["unsigned numbers", /\d[uU]\b|\buint\b/],
  ["bytes", /\b[bB][rR]?""|\bbytes\b/],
  ["times", /\b(?:timestamp|duration)\b/],
];
const strings = /("""|'''|"|')(?:\\.|(?!\1).)*\1/gs;
/** The same of values that are bound. */
const boundKinds: Readonly<Record<string, string>> = {
  uint64_value: "uint",
  bytes_value: "bytes",
  object_value: "google",
};

function beyondUs(expression: string, test: Message): string | undefined {
  if (test.has("container")) return "names inside a container";
  if (test.has("type_env")) return "declared types of names";
  if (test.has("check_only")) return "types alone, without a value";
  const bound = messages(test, "bindings").map((binding) => {
    const value = first(first(binding, "value") as Message, "value") as Message;
    return boundKinds[[...value.keys()][0] ?? ""] ?? "";
  });
  const signs = `${expression.replace(strings, '""')} ${bound.join(" ")}`;
  return parts.find(([, sign]) => sign.test(signs))?.[0];
}

const bindingsOf = (test: Message): Readonly<Record<string, Expected>> =>
  Object.fromEntries(
    messages(test, "bindings").map((binding) => {
      const value = first(binding, "value") as Message;
      return [String(first(binding, "key")), expectedOf(first(value, "value"))];
    }),
  );

function wantedOf(test: Message): string | undefined {
  if (test.has("eval_error") || test.has("any_eval_errors")) return "an error";
  const typed = first(test, "typed_result") as Message | undefined;
  const value = first(typed ?? test, typed === undefined ? "value" : "result");
  if (value === undefined) return typed === undefined ? "true" : undefined;
  return spell(expectedOf(value));
}

const first = (message: Message, field: string): Value | undefined => message.get(field)?.[0];
const messages = (message: Message, field: string): readonly Message[] =>
  (message.get(field) ?? []) as readonly Message[];

function expectedOf(value: Value | undefined): Expected {
  const [kind, [inner] = []] = [...(value as Message)][0] ?? [];
  const word = typeof inner === "object" && "word" in inner ? inner.word : String(inner);
  switch (kind) {
    case "int64_value":
      return BigInt(word);
    case "uint64_value":
      return unsigned(word);
    case "double_value":
      return Number(word.replace(/inf(inity)?$/i, "Infinity"));
    case "bool_value":
      return word === "true";
    case "null_value":
      return null;
    case "string_value":
      return utf8(word);
    case "bytes_value":
      return bytesOf(word);
    case "list_value":
      return messages(inner as Message, "values").map(expectedOf);
    case "map_value":
      return mapOf(inner as Message);
    case "type_value":
      return new Named(word);
    case "object_value":
      return objectOf(inner as Message);
    default:
      throw new Error(`a value of kind ${kind}`);
  }
}

/** The library does not export its class. */
const unsigned = (word: string): unknown => library().evaluate(`${word}u`);

class Named {
  constructor(readonly name: string) {}
}

const utf8 = (text: string): string => new TextDecoder().decode(bytesOf(text));

const mapOf = (map: Message) =>
  new Map(
    messages(map, "entries").map((entry) => [
      expectedOf(first(entry, "key")),
      expectedOf(first(entry, "value")),
    ]),
  );

/** Timestamps and durations come as protocol buffers of seconds and nanoseconds. */
function objectOf(any: Message): Expected {
  const [kind = "", [inner] = []] = [...any][0] ?? [];
  const number = (field: string) => {
    const value = first(inner as Message, field) as { word: string } | undefined;
    return Number(value?.word ?? 0);
  };
  const name = kind.replace(/^\[.*\.|\]$/g, "");
  return new Named(`${name} ${number("seconds") + number("nanos") / 1e9}`);
}

/** One text for one value, types told apart. */
export function spell(value: unknown): string {
  if (typeof value === "bigint") return `${value}`;
  if (typeof value === "number") return Object.is(value, -0) ? "double -0" : `double ${value}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (value === null || typeof value !== "object") return `${value}`;
  if (value instanceof Named) return value.name;
  if (value instanceof Date) return `Timestamp ${value.getTime() / 1000}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return `[${value.map(spell).join(", ")}]`;
  const kind = value.constructor?.name;
  if (kind === "UnsignedInt") return `${value}u`;
  if (kind === "Duration") return `Duration ${Number(value.valueOf()) / 1000}`;
  if (kind === "Type") return (value as Named).name.replace(/^null$/, "null_type");
  return spellMap(value instanceof Map ? [...value] : Object.entries(value));
}

const spellMap = (entries: readonly (readonly [unknown, unknown])[]) =>
  `{${entries
    .map(([key, value]) => `${spell(key)}: ${spell(value)}`)
    .sort()
    .join(", ")}}`;

/** What our engine makes of it. Any name stands for a binding. */
export function answer({ expression, bindings }: Case): string {
  const environment = evaluatingEnvironment().clone({ unlistedVariablesAreDyn: true });
  const syntax = parseSyntax(environment, expression);
  if (syntax.kind === "error") return "an error";
  try {
    return spell(syntax.program({ ...bindings }));
  } catch (error) {
    const { EvaluationError } = library();
    if (error instanceof EvaluationError || error instanceof CannotDecide) return "an error";
    return `a bug: ${error}`;
  }
}
