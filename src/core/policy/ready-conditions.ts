/** Parses `when:` and `where:`, each mistake at its letter. Must not know which hosts they will be decided for. */
import type { AnyTraitType } from "../trait.ts";
import type { Findings } from "./findings.ts";
import { clip, placeWithin, type ScalarNode } from "./node.ts";
import type { Place } from "./model.ts";
import type { Condition } from "./when/condition.ts";
import { sights } from "./when/functions.ts";
import { parseCondition } from "./when/parse.ts";

/** Undefined where there is none, and where it is wrong. */
export function readyCondition(
  written: ScalarNode | undefined,
  traits: readonly AnyTraitType[],
  found: Findings,
): Condition | undefined {
  const condition = written && parsed(written, traits, found);
  const seen = sights.find(({ name }) => condition?.functions.includes(name));
  if (seen === undefined || written === undefined) return condition;
  found.problem("VG502", written.place, clip(written.source), {
    message: `${seen.name} is how the server sees a machine, and only workflows can ask for it`,
  });
  return undefined;
}

/** Of a workflow: decided by the server for a machine that has its policy, so it may ask for environment, roles and how it stands. */
export function readySight(
  written: ScalarNode,
  traits: readonly AnyTraitType[],
  found: Findings,
): Condition | undefined {
  const condition = parsed(written, traits, found);
  if (condition === undefined) return undefined;
  const vars = condition.vars.map(({ name }) => `vars.${name}`).join(", ");
  if (!condition.needsEnvoy && !condition.changed && vars === "") return condition;
  found.problem("VG509", written.place, clip(written.source), {
    message:
      vars === ""
        ? "this cannot be decided: it asks the machine itself, and the server has to decide"
        : `this cannot be decided: it reads ${vars}, which only resources have`,
    hint: "use traits, envoy, environment, role(), status and up_to_date",
  });
  return undefined;
}

/** The condition of a `where:` target, without the word. */
export function readyText(
  source: string,
  place: Place,
  traits: readonly AnyTraitType[],
  found: Findings,
): void {
  readyWhere(
    { kind: "scalar", place, value: source, source, style: "quoted", start: place },
    traits,
    found,
  );
}

function parsed(
  written: ScalarNode,
  traits: readonly AnyTraitType[],
  found: Findings,
): Condition | undefined {
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
