/** What one machine says to a query, from the values of its traits. Must not know how these were come by. */
import type { Json } from "../json.ts";
import { CannotDecide } from "../policy/when/condition.ts";
import { sectionsOf } from "../policy/when/shape.ts";
import { valueAt } from "../trait-path.ts";
import type { AnyTraitType } from "../trait.ts";
import type { Query } from "./query.ts";

export type Said =
  | { readonly kind: "values"; readonly values: readonly Json[] }
  /** The condition does not hold here. */
  | { readonly kind: "passed over" }
  | { readonly kind: "undecided"; readonly reason: string };

export interface Asked {
  readonly envoy: { readonly id: string; readonly hostname: string };
  /** By section; what the machine has not is missing. */
  readonly traits: Readonly<Record<string, Json>>;
  /** The registry, for what the traits hold. */
  readonly types: readonly AnyTraitType[];
}

/** One value a path, null where nothing is. */
export async function sayTo(
  { where, paths }: Pick<Query, "where" | "paths">,
  asked: Asked,
): Promise<Said> {
  if (where !== "") {
    const holds = await decided(where, asked);
    if (typeof holds === "string") return { kind: "undecided", reason: holds };
    if (!holds) return { kind: "passed over" };
  }
  return { kind: "values", values: paths.map((path) => at(asked.traits, path)) };
}

function at(traits: Asked["traits"], path: string): Json {
  const [, name = "", rest = ""] = /^([^.[]*)\.?(.*)$/s.exec(path) ?? [];
  return Object.hasOwn(traits, name) ? (valueAt(traits[name] as Json, rest) ?? null) : null;
}

/** Why not, where it cannot be decided. CEL is loaded for the first condition that comes along. */
async function decided(where: string, { envoy, traits, types }: Asked): Promise<boolean | string> {
  const { evaluate, programOf } = await import("../policy/when/evaluate.ts");
  const values = {
    envoy,
    traits,
    vars: {},
    roles: [],
    environment: undefined,
    sections: sectionsOf(types),
  };
  try {
    return await evaluate(programOf(where), values, { host: nothingElse, notified: false });
  } catch (error) {
    if (error instanceof CannotDecide) return error.message;
    throw error;
  }
}

/** A condition that asks the machine for more than its traits. */
const nothingElse = (): never => {
  throw new CannotDecide("a query asks for traits only");
};
