/**
 * The words after a command's name, read strictly: what is not declared is refused with the nearest known name, never ignored.
 * Tokens are split by `node:util` parseArgs. Must not know any command, nor how usage is printed.
 */
import { parseArgs } from "node:util";
import { unknownWord } from "../did-you-mean.ts";
import { VigoError } from "../errors.ts";

/** One argument as data. The fields are those that citty prints usage from. */
export type Arg = PositionalArg | FlagArg | TextArg | ChoiceArg;

interface Described {
  /** One sentence. */
  readonly description: string;
}

/** A word by its place, in the order of declaration. Needed unless `required: false` or a default; `many` takes the rest. */
interface PositionalArg extends Described {
  readonly type: "positional";
  readonly required?: boolean;
  readonly default?: string;
  readonly many?: true;
}

/** `--name`; with `default: true` also `--no-name`. */
interface FlagArg extends Described {
  readonly type: "boolean";
  readonly default?: boolean;
}

/** `--name VALUE`; the last one counts, or all of them with `many`. */
interface TextArg extends Described {
  readonly type: "string";
  readonly required?: boolean;
  readonly default?: string;
  readonly valueHint?: string;
  readonly many?: true;
}

/** `--name WORD`, one of a closed list. */
interface ChoiceArg extends Described {
  readonly type: "enum";
  readonly options: readonly string[];
  readonly required?: boolean;
  readonly default?: string;
}

export type Args = Readonly<Record<string, Arg>>;

type Word<A extends Arg> = A extends { readonly options: readonly (infer O)[] } ? O : string;
type IsThere<A extends Arg> = A extends { readonly default: string }
  ? true
  : A extends { readonly required: infer R }
    ? R
    : A["type"] extends "positional"
      ? true
      : false;
type Value<A extends Arg> = A["type"] extends "boolean"
  ? boolean
  : A extends { readonly many: true }
    ? readonly string[]
    : IsThere<A> extends true
      ? Word<A>
      : Word<A> | undefined;

/** What a command gets: each declared name, and no other. */
export type Given<A extends Args> = { readonly [K in keyof A]: Value<A[K]> };

/** Throws `invalid` for the first thing that is wrong. */
export function readArgs<A extends Args>(words: readonly string[], args: A): Given<A> {
  const given = new Map<string, boolean | string[]>();
  const places: string[] = [];
  for (const token of tokens(words, args)) {
    if (token.kind === "positional") places.push(token.value);
    else if (token.kind === "option") keep(given, option(token, args));
  }
  for (const [name, arg] of Object.entries(args))
    if (arg.type === "positional" && places.length > 0)
      given.set(name, arg.many === true ? places.splice(0) : places.splice(0, 1));
  if (places[0] !== undefined) throw misused(`one word too many: "${places[0]}"`);
  const values = Object.entries(args).map(([name, arg]) => [
    name,
    value(name, arg, given.get(name)),
  ]);
  return Object.fromEntries(values) as Given<A>;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function tokens(words: readonly string[], args: Args) {
  const options = Object.fromEntries(
    Object.entries(args)
      .filter(([, { type }]) => type !== "positional")
      .map(([name, { type }]) => [
        name,
        { type: type === "boolean" ? "boolean" : "string" } as const,
      ]),
  );
  return parseArgs({
    args: [...words],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  }).tokens;
}

/** One flag as written → its declared name and value. */
function option(token: OptionToken, args: Args): readonly [string, boolean | string, boolean] {
  const { name, rawName, value: written } = token;
  const arg = declared(args, name);
  const positive = name.replace(/^no-/, "");
  const negated = arg === undefined && mayBeNegated(declared(args, positive));
  if (arg?.type === "boolean" || negated) {
    if (written !== undefined) throw misused(`${rawName} takes no value`);
    return [negated ? positive : name, !negated, false];
  }
  if (arg === undefined || arg.type === "positional")
    throw misused(unknownWord("flag", rawName, flagNames(args)));
  const swallowed = token.inlineValue !== true && written?.startsWith("--") === true;
  if (written === undefined || written === "" || swallowed)
    throw misused(`${rawName} needs a value`);
  return [name, written, arg.type === "string" && arg.many === true];
}

function keep(
  given: Map<string, boolean | string[]>,
  [name, value, many]: readonly [string, boolean | string, boolean],
): void {
  const before = given.get(name);
  if (typeof value === "boolean") given.set(name, value);
  else given.set(name, many && Array.isArray(before) ? [...before, value] : [value]);
}

function value(name: string, arg: Arg, given: boolean | string[] | undefined) {
  if (arg.type === "boolean") return given ?? arg.default ?? false;
  const words = Array.isArray(given) ? given : [];
  const needed = arg.required ?? (arg.type === "positional" && arg.default === undefined);
  if (words.length === 0 && needed)
    throw misused(`${arg.type === "positional" ? name.toUpperCase() : `--${name}`} is missing`);
  if (arg.type !== "enum" && arg.many === true) return words;
  const word = words[0] ?? arg.default;
  if (arg.type === "enum" && word !== undefined && !arg.options.includes(word))
    throw misused(`--${name} must be one of ${arg.options.join(", ")}, not "${word}"`);
  return word;
}

/** Not what every object has by itself, like `constructor`. */
const declared = (args: Args, name: string) => (Object.hasOwn(args, name) ? args[name] : undefined);

const mayBeNegated = (arg: Arg | undefined) => arg?.type === "boolean" && arg.default === true;

const flagNames = (args: Args) =>
  Object.entries(args).flatMap(([name, arg]) => {
    if (arg.type === "positional") return [];
    return mayBeNegated(arg) ? [`--${name}`, `--no-${name}`] : [`--${name}`];
  });

/** A usage error: exit code 2, and the way to the usage. */
export const misused = (message: string) =>
  new VigoError("invalid", message, { hint: "--help shows the usage" });
