/** Decides a condition where the policy is resolved: from reported traits. Must not know how a machine is asked. */
import type { Json } from "../../json.ts";
import type { AnyTraitType } from "../../trait.ts";
import type { Condition } from "./condition.ts";
import { evaluate, programOf } from "./evaluate.ts";
import type { Sight } from "./functions.ts";
import { sectionsOf } from "./shape.ts";

export interface ServerContext {
  readonly envoy: { readonly id: string; readonly hostname: string };
  /** As reported, by section; what was never reported is missing. */
  readonly traits: Readonly<Record<string, Json>>;
  readonly vars: Readonly<Record<string, Json>>;
  readonly environment?: string | undefined;
  readonly roles: readonly string[];
  /** For conditions of workflows. */
  readonly sight?: Sight | undefined;
  /** The registry, for what the traits hold. */
  readonly types: readonly AnyTraitType[];
}

/** Only for what does not need the envoy (`condition.needsEnvoy`). Throws `CannotDecide`, never guesses. */
export function decideOnServer(condition: Condition, context: ServerContext): boolean {
  const values = {
    ...context,
    environment: context.environment,
    sections: sectionsOf(context.types),
  };
  const host = () => {
    throw new Error(`the server was asked to decide: ${condition.source}`);
  };
  const answer = evaluate(programOf(condition.source), values, { host, notified: false });
  if (answer instanceof Promise) throw new Error(`the server cannot wait for: ${condition.source}`);
  return answer;
}
