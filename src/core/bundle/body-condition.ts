/** A condition as it travels, with what it asks of the host's policy. Must not know resources. */
import type { Registries, Resolved, ResolvedCondition } from "../policy/model.ts";
import { parseCondition } from "../policy/when/parse.ts";
import type { BodyCondition } from "./body.ts";

/** Environment and roles travel only with a condition that asks for them, so that more envoys share a body. */
export function bodyCondition(
  { source, vars }: ResolvedCondition,
  { environment, roles }: Pick<Resolved, "environment" | "roles">,
  registries: Registries,
): BodyCondition {
  const asked = askedBy(source, registries);
  return {
    source,
    ...(Object.keys(vars).length > 0 && { vars }),
    ...(environment !== undefined && asked.environment && { environment }),
    ...(asked.roles && { roles }),
  };
}

/** Hosts that share it may get different conditions. */
export function asksHost({ source }: ResolvedCondition, registries: Registries): boolean {
  const { environment, roles } = askedBy(source, registries);
  return environment || roles;
}

function askedBy(source: string, { traits }: Registries) {
  const condition = parseCondition(source, traits);
  const asks = (name: string) =>
    condition.kind === "condition" && condition.functions.includes(name);
  return { environment: asks("environment"), roles: asks("role") };
}
