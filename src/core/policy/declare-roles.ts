/** `roles:` lists taken apart. Must not know where the names lead. */
import { didYouMean } from "../did-you-mean.ts";
import type { Ref, Role } from "./declared.ts";
import type { Findings } from "./findings.ts";
import type { Place } from "./model.ts";
import { type Entry, excerpt, type Node } from "./node.ts";
import { fieldsOf, listOf, mapOf, nameOf, type Shape, textsOf } from "./shape.ts";
import { declareVars } from "./vars.ts";

const file: Shape = {
  what: "a roles file",
  keys: ["roles"],
  misplaced: { envoys: "hostcrates go into a file of their own, e.g. envoys.vgo" },
};

export const roleShape = {
  what: "a role",
  keys: ["role", "includes", "configcrates", "usercrates", "case", "vars"],
  misplaced: { match: "a role names no hosts: a hostcrate names its roles" },
} as const satisfies Shape;

export function declareRoles(node: Node, found: Findings): readonly Role[] {
  const list = listOf(fieldsOf(node, file, found).get("roles"), "roles", found);
  return (list?.items ?? []).flatMap((item) => declareRole(item, found) ?? []);
}

function declareRole(node: Node, found: Findings): Role | undefined {
  const fields = fieldsOf(node, roleShape, found);
  const entry = fields.get("role");
  if (entry === undefined && node.kind === "map")
    found.problem("VG302", node.place, excerpt(node), {
      message: "a role needs a name",
      hint: "add `role: NAME`",
    });
  const name = nameOf(entry, "a role", found);
  if (name === undefined) return undefined;
  return {
    name: name.value,
    place: name.place,
    includes: textsOf(fields.get("includes"), "includes", found),
    configcrates: textsOf(fields.get("configcrates"), "configcrates", found),
    usercrates: textsOf(fields.get("usercrates"), "usercrates", found),
    cases: casesOf(fields.get("case"), found),
    vars: declareVars(fields.get("vars"), found),
  };
}

function casesOf(entry: Entry | undefined, found: Findings): ReadonlyMap<string, readonly Ref[]> {
  const block = mapOf(entry, "case", found);
  for (const [family, { place }] of block?.entries ?? []) warnOfFamily(family, place, found);
  return new Map(
    [...(block?.entries ?? [])].map(([family, inside]) => [family, textsOf(inside, "case", found)]),
  );
}

/** Most systems are of one of these, or of a family of their own (`gentoo`). */
const families = ["debian", "rhel", "suse", "arch", "alpine", "darwin", "windows"];

function warnOfFamily(family: string, place: Place, found: Findings): void {
  const guess = families.includes(family) ? undefined : didYouMean(family, families);
  if (guess !== undefined)
    found.warning("VG959", place, family, {
      message: `no system is of the family "${family}", did you mean "${guess}"?`,
    });
}
