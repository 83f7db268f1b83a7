/**
 * A resource of a body, made ready for its turn: its type found, its parameters read strictly, its claims held against the
 * guardrails. An agent that is older than the policy says so here, loudly. Must not know runs or records.
 */
import { explain } from "../explain.ts";
import type { JsonObject } from "../json.ts";
import { sha256 } from "../pki/keys.ts";
import type { BodyResource } from "../bundle/body.ts";
import { guardrail } from "../policy/guardrails.ts";
import type { RunSecrets } from "./secrets.ts";
import { type AnyResourceType, type Claim, claimsOf, type Outcome } from "../resource.ts";

export type Ready =
  | {
      readonly kind: "ready";
      readonly type: AnyResourceType;
      readonly params: Readonly<Record<string, unknown>>;
      readonly claims: readonly Claim[];
      /** Why its secrets are not among the parameters; texts stand in their places. */
      readonly shut?: string;
    }
  | { readonly kind: "unfit"; readonly outcome: Outcome };

export interface Fitness {
  readonly types: ReadonlyMap<string, AnyResourceType>;
  /** Paths of Vigo that no resource may touch. */
  readonly protectedPaths: readonly string[];
  readonly secrets: RunSecrets;
}

export function ready(resource: BodyResource, { types, protectedPaths, secrets }: Fitness): Ready {
  const type = types.get(resource.type);
  if (type === undefined)
    return blocked(`this agent has no type ${resource.type}: update the agent`);
  const opened = secrets.open(resource);
  const found = strictly(type, opened.params, protectedPaths);
  if (found.kind === "unfit" || opened.kind === "open") return found;
  return { ...found, shut: opened.reason };
}

/** Held to the schema and to the guardrails. */
export function strictly(
  type: AnyResourceType,
  params: JsonObject,
  protectedPaths: readonly string[],
): Ready {
  const { data, error } = type.params.safeParse(params);
  if (error) {
    const says = explain(error).join("; ");
    const newer = error.issues.some(({ code }) => code === "unrecognized_keys");
    return newer ? blocked(`${says}: update the agent`) : failed(says);
  }
  const why = guardrail(type, data, protectedPaths);
  if (why !== undefined) return failed(`refused: ${why}`);
  return { kind: "ready", type, params: data, claims: claimsOf(type, data) };
}

export const blocked = (reason: string): Ready => ({
  kind: "unfit",
  outcome: { outcome: "blocked", changes: [], reason },
});
const failed = (reason: string): Ready => ({
  kind: "unfit",
  outcome: { outcome: "failed", changes: [], reason },
});

/**
 * Of type and rendered parameters: what tells drift from intent (semantics §2). 22 letters. A body's parameters were read from
 * canonical JSON, so their keys are in one order already, and the quick spelling of the runtime is a stable one.
 */
export const intentOf = ({ type, params, revert }: BodyResource): string =>
  Buffer.from(
    sha256(`${revert === true ? "revert " : ""}${type}\0${JSON.stringify(params)}`).subarray(0, 16),
  ).toString("base64url");
