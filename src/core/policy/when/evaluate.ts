/**
 * Works a condition out for one envoy, from the values it is handed. Must not know how those were gathered, nor traits'
 * schemas beyond their shapes.
 */
import type { Environment, ParseResult } from "@marcbachmann/cel-js";
import type { Json } from "../../json.ts";
import { evaluatingEnvironment, inPlainWords, isUnclear, library, Scope } from "./cel.ts";
import { CannotDecide } from "./condition.ts";
import type { Facts, Sight } from "./functions.ts";
import { type Reads, readsOf } from "./reads.ts";
import { celValue, type CelValue, type Sections } from "./shape.ts";
import { parseSyntax } from "./syntax.ts";

export interface Program {
  readonly reads: Reads;
  readonly run: ParseResult;
}

export interface Values {
  /** By section. */
  readonly traits: Readonly<Record<string, Json | undefined>>;
  readonly vars: Readonly<Record<string, Json | undefined>>;
  readonly envoy: { readonly id: string; readonly hostname: string };
  readonly environment: string | undefined;
  readonly roles: readonly string[];
  readonly sections: Sections;
  readonly sight?: Sight | undefined;
}

/** What only the envoy has. */
export interface Machine {
  host(): Facts["host"];
  readonly notified: boolean;
}

let environment: Environment | undefined;
const programs = new Map<string, Program>();
const kept = 2_000;

/** Without types, as publish has checked them. Throws `CannotDecide` for what this version cannot read. */
export function programOf(source: string): Program {
  const found = programs.get(source);
  if (found) return found;
  environment ??= evaluatingEnvironment();
  const syntax = parseSyntax(environment, source);
  const reads = syntax.kind === "error" ? syntax : readsOf(syntax.root, undefined);
  if (syntax.kind === "error" || reads.kind === "error")
    throw new CannotDecide(
      `${(reads as { readonly message: string }).message}; is this version too old for it?`,
    );
  if (programs.size >= kept) programs.clear();
  const program = { reads, run: syntax.program };
  programs.set(source, program);
  return program;
}

/** A promise where the condition asks the machine. Both ways, what cannot be decided is thrown as `CannotDecide`. */
export function evaluate(
  { reads, run }: Program,
  values: Values,
  machine: Machine,
): boolean | Promise<boolean> {
  const scope = new Scope(
    {
      traits: traitsOf(reads, values),
      vars: varsOf(reads, values),
      envoy: { ...values.envoy },
    },
    factsOf(values, machine),
  );
  try {
    const answer: unknown = run(scope as unknown as Record<string, unknown>);
    return answer instanceof Promise ? answer.then(truth).catch(undecided) : truth(answer);
  } catch (error) {
    return undecided(error);
  }
}

const traitsOf = (reads: Reads, { traits, sections }: Values): CelValue => {
  const values: Record<string, CelValue> = Object.create(null);
  for (const field of reads.fields) {
    const section = field.replace(/\..*/, "");
    const value = own(traits, section);
    if (value !== undefined) values[section] ??= celValue(value, sections.get(section));
  }
  return values;
};

const varsOf = (reads: Reads, { vars }: Values): CelValue => {
  const values: Record<string, CelValue> = Object.create(null);
  for (const { name } of reads.vars) {
    const value = own(vars, name);
    if (value !== undefined) values[name] = celValue(value);
  }
  return values;
};

function factsOf(values: Values, { host, notified }: Machine): Facts {
  return {
    trait(path) {
      const [section = "", field = ""] = path.split(".");
      const whole = own(values.traits, section);
      const value = own(Object(whole) as Readonly<Record<string, Json | undefined>>, field);
      if (value !== undefined) return value;
      throw new CannotDecide(`traits.${path} is not known`);
    },
    environment: values.environment ?? "",
    roles: values.roles,
    envoyId: values.envoy.id,
    notified,
    sight: values.sight,
    get host() {
      return host();
    },
  };
}

const own = <V>(record: Readonly<Record<string, V>>, key: string): V | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

function truth(answer: unknown): boolean {
  if (typeof answer === "boolean") return answer;
  throw new CannotDecide("the condition is neither true nor false");
}

/** The library's words for a missing key name only its last part; the text of the condition has the whole. */
function undecided(error: unknown): never {
  const { EvaluationError } = library();
  if (isUnclear(error))
    throw new CannotDecide("nobody can tell what an empty list holds", { cause: error });
  if (!(error instanceof EvaluationError)) throw error;
  const { code, node, summary } = error;
  const written = node?.input?.slice(node.start, node.end);
  if (code === "no_such_key" && written !== undefined)
    throw new CannotDecide(`${written} is not there; has(${written}) asks whether it is`, {
      cause: error,
    });
  throw new CannotDecide(inPlainWords(summary), { cause: error });
}
