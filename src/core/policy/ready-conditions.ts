/** Parses `when:` and `where:`, each mistake at its letter. Must not know which hosts they will be decided for. */
import type { AnyTraitType } from "../trait.ts";
import type { Findings } from "./findings.ts";
import { clip, placeWithin, type ScalarNode } from "./node.ts";
import type { Place } from "./model.ts";
import type { Condition } from "./when/condition.ts";
import { parseCondition } from "./when/parse.ts";

/** Undefined where there is none, and where it is wrong. */
export function readyCondition(
  written: ScalarNode | undefined,
  traits: readonly AnyTraitType[],
  found: Findings,
): Condition | undefined {
  if (written === undefined) return undefined;
  const result = parseCondition(written.source, traits);
  if (result.kind === "condition") return result;
  const place = placeOfOffset(written, result.offset);
  found.problem("VG502", place, clip(written.source), {
    message: result.message,
    hint: result.hint,
  });
  return undefined;
}

/** Chooses a hostcrate, so nothing of the hostcrate can be read in it, and no machine be asked. */
export function readyWhere(
  written: ScalarNode | undefined,
  traits: readonly AnyTraitType[],
  found: Findings,
): Condition | undefined {
  const where = readyCondition(written, traits, found);
  if (where === undefined || written === undefined) return undefined;
  const own = where.functions.filter((name) => name === "environment" || name === "role");
  const reads = [...where.vars.map(({ name }) => `vars.${name}`), ...own];
  const reason =
    where.needsEnvoy || where.changed
      ? "it asks the machine itself, and the server has to choose"
      : reads.length > 0
        ? `it reads ${reads.join(", ")}, which only the chosen hostcrate gives`
        : undefined;
  if (reason === undefined) return where;
  found.problem("VG509", written.place, clip(written.source), {
    message: `where: cannot be decided: ${reason}`,
    hint: "use traits, envoy and in_percent",
  });
  return undefined;
}

/** An offset counts UTF-16 units from the first letter of the text. */
export function placeOfOffset(written: ScalarNode, offset: number): Place {
  const before = written.source.slice(0, offset).split("\n");
  return placeWithin(written, before.length, (before.at(-1)?.length ?? 0) + 1);
}
