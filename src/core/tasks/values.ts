/**
 * The parameters of named tasks: of which kind each is, which values it takes, and how a value reaches the command: as a word of its
 * own, in the environment and as JSON, never as part of a shell's text. Must not know files, nor who runs what.
 */
import { unknownWord } from "../did-you-mean.ts";

export const paramTypes = ["string", "integer", "boolean"] as const;

export type ParamType = (typeof paramTypes)[number];

export type Value = string | number | boolean;

export type Values = Readonly<Record<string, Value>>;

export interface Param {
  readonly type: ParamType;
  readonly description: string;
  /** Absent: whoever runs the task says it. */
  readonly default: Value | undefined;
  /** Of a string: what the whole of it must fit (RE2). */
  readonly pattern: { readonly source: string; test(text: string): boolean } | undefined;
  readonly oneOf: readonly string[] | undefined;
  /** Of an integer. */
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** Letters of one value. */
const longest = 4_096;

/** The value that is meant by what was given, a text or a value of the kind itself; else the words of what it must be. */
export function readValue(
  param: Omit<Param, "default">,
  given: unknown,
): { readonly value: Value } | { readonly wanted: string } {
  if (param.type === "boolean") return booleanOf(given);
  if (param.type === "integer") return integerOf(param, given);
  const { pattern, oneOf } = param;
  if (typeof given !== "string" || given.length > longest || given.includes("\0"))
    return { wanted: `a text of at most ${longest.toLocaleString("en")} letters` };
  if (oneOf !== undefined && !oneOf.includes(given))
    return { wanted: `one of ${oneOf.join(", ")}` };
  if (pattern?.test(given) === false) return { wanted: `what fits ${pattern.source}` };
  return { value: given };
}

function booleanOf(given: unknown) {
  const written = String(given);
  if (written === "true" || written === "false") return { value: written === "true" };
  return { wanted: "true or false" };
}

type Range = Pick<Param, "min" | "max">;

/** ` from 1 to 10`; empty where there is none. */
function rangeOf({ min, max }: Range): string {
  if (min !== undefined) return ` from ${min}${max === undefined ? "" : ` to ${max}`}`;
  return max === undefined ? "" : ` of at most ${max}`;
}

function integerOf({ min, max }: Range, given: unknown) {
  const [least, most] = [min ?? Number.MIN_SAFE_INTEGER, max ?? Number.MAX_SAFE_INTEGER];
  const value = /^-?\d{1,16}$/.test(String(given)) ? Number(given) : Number.NaN;
  const fits = value >= least && value <= most;
  return fits ? { value } : { wanted: `a whole number${rangeOf({ min, max })}` };
}

/** All of them, those that were not given by their defaults. `problems`: what does not fit, one sentence each. */
export function valuesFor(
  params: ReadonlyMap<string, Param>,
  given: Readonly<Record<string, unknown>>,
): { readonly values: Values; readonly problems: readonly string[] } {
  const names = [...params.keys()];
  const problems = Object.keys(given)
    .filter((name) => !params.has(name))
    .map((name) => unknownWord("parameter", name, names));
  const values: Record<string, Value> = {};
  for (const [name, param] of params) {
    const written = Object.hasOwn(given, name) ? given[name] : param.default;
    if (written === undefined) problems.push(`parameter ${name} is required: ${kindOf(param)}`);
    else {
      const found = readValue(param, written);
      if ("value" in found) values[name] = found.value;
      else problems.push(`parameter ${name} must be ${found.wanted}, not ${quoted(written)}`);
    }
  }
  return { values, problems };
}

const quoted = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

/** What it takes, for people. */
export function kindOf({ type, oneOf, pattern, min, max }: Omit<Param, "default">): string {
  if (oneOf !== undefined) return `one of ${oneOf.join(", ")}`;
  if (pattern !== undefined) return `${type} that fits ${pattern.source}`;
  return `${type}${rangeOf({ min, max })}`;
}

/** `$name` as a word of its own stands for the value of that parameter. */
const place = /^\$([a-z][a-z0-9_]*)$/;

/** The parameter that a word of a command stands for. */
export const paramIn = (word: string): string | undefined => place.exec(word)?.[1];

export const argvOf = (command: readonly string[], values: Values): readonly string[] =>
  command.map((word) => {
    const name = paramIn(word);
    return name !== undefined && Object.hasOwn(values, name) ? String(values[name]) : word;
  });

/** `VIGO_PARAM_UNIT=nginx` */
export const environmentOf = (values: Values): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [variableOf(name), String(value)]),
  );

export const variableOf = (name: string): string => `VIGO_PARAM_${name.toUpperCase()}`;
