/**
 * Decides a condition that travelled, on the machine it is about, every cycle afresh (semantics §3). Must not load CEL before
 * there is a condition to decide: most agents never need it.
 */
import { VigoError } from "../../errors.ts";
import type { ReadHost } from "../../host.ts";
import type { Json } from "../../json.ts";
import type { AnyTraitType } from "../../trait.ts";
import { CannotDecide } from "./condition.ts";

/** As it travels: `BodyCondition`. */
export interface TravelledCondition {
  readonly source: string;
  readonly vars?: { readonly [name: string]: Json };
  readonly environment?: string;
  readonly roles?: readonly string[];
}

export interface EnvoyContext {
  readonly envoy: { readonly id: string; readonly hostname: string };
  readonly host: ReadHost;
  /** What `when: changed` asks. */
  readonly notified: boolean;
  /** Collected in this run, or undefined: this machine has no such thing. Asked once for each section a condition reads. */
  trait(section: string): Promise<Json | undefined>;
  /** The registry, for what the traits hold. */
  readonly types: readonly AnyTraitType[];
}

/** Rejects with `CannotDecide` when there is no answer: the resource is then blocked, never skipped. */
export async function decideOnEnvoy(
  condition: TravelledCondition,
  context: EnvoyContext,
): Promise<boolean> {
  if (condition.source.trim() === "changed") return context.notified;
  const [{ evaluate, programOf }, { sectionsOf }] = await Promise.all([
    import("./evaluate.ts"),
    import("./shape.ts"),
  ]);
  const program = programOf(condition.source);
  const { roles = [], vars = {}, environment } = condition;
  try {
    const traits = await gather(program.reads.fields, context);
    const sections = sectionsOf(context.types);
    const values = { traits, vars, roles, environment, envoy: context.envoy, sections };
    const { host, notified } = context;
    return await evaluate(program, values, { host: () => host, notified });
  } catch (error) {
    if (error instanceof CannotDecide || !(error instanceof VigoError)) throw error;
    throw new CannotDecide(error.message, { cause: error });
  }
}

async function gather(fields: readonly string[], context: EnvoyContext) {
  const sections = new Set(fields.map((field) => field.replace(/\..*/, "")));
  const values = await Promise.all(
    [...sections].map(async (section) => [section, await context.trait(section)] as const),
  );
  return Object.fromEntries(values);
}
