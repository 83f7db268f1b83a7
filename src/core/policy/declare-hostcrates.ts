/** `envoys:` lists taken apart. Must not know which host comes, nor where the names lead. */
import type { Hostcrate } from "./declared.ts";
import { checkinOf } from "./declare-inherited.ts";
import type { Findings } from "./findings.ts";
import { excerpt, type Node } from "./node.ts";
import {
  type Fields,
  fieldsOf,
  flagOf,
  listOf,
  nameOf,
  scalarOf,
  type Shape,
  textsOf,
} from "./shape.ts";
import { declareVars } from "./vars.ts";

const file: Shape = {
  what: "a hostcrate file",
  keys: ["envoys"],
  misplaced: {
    configcrate: "configcrates stand under configcrates/",
    resources: "resources stand in a configcrate, under configcrates/",
    roles: "roles stand in roles.vgo",
    env: "environments stand in environments.vgo",
    match: "make it an entry of the list `envoys:`",
    vars: "vars for a whole folder stand in common.vgo",
  },
};

export const hostcrateShape = {
  what: "a hostcrate",
  keys: [
    "match",
    "where",
    "trust_traits",
    "environment",
    "roles",
    "configcrates",
    "usercrates",
    "vars",
    "noop",
    "checkin",
  ],
  misplaced: { resources: "put them into a configcrate and list it under `configcrates:`" },
} as const satisfies Shape;

export function declareHostcrates(node: Node, found: Findings): readonly Hostcrate[] {
  const list = listOf(fieldsOf(node, file, found).get("envoys"), "envoys", found);
  return (list?.items ?? []).map((item) => declareHostcrate(item, found));
}

function declareHostcrate(node: Node, found: Findings): Hostcrate {
  const fields = fieldsOf(node, hostcrateShape, found);
  const match = textsOf(fields.get("match"), "match", found);
  const where = scalarOf(fields.get("where"), "where", found);
  if (node.kind === "map") demandMatch(node, fields, found);
  return {
    place: node.place,
    match,
    where,
    environment: nameOf(fields.get("environment"), "an environment", found),
    roles: textsOf(fields.get("roles"), "roles", found),
    configcrates: textsOf(fields.get("configcrates"), "configcrates", found),
    usercrates: textsOf(fields.get("usercrates"), "usercrates", found),
    trustTraits: flagOf(fields.get("trust_traits"), "trust_traits", found),
    vars: declareVars(fields.get("vars"), found),
    noop: flagOf(fields.get("noop"), "noop", found),
    checkin: checkinOf(fields.get("checkin"), found),
  };
}

function demandMatch(node: Node, fields: Fields, found: Findings): void {
  const match = fields.get("match")?.value;
  const empty =
    match === undefined
      ? !fields.has("where")
      : (match.kind === "list" && match.items.length === 0) ||
        (match.kind === "scalar" && match.value === null);
  if (empty)
    found.problem("VG306", node.place, excerpt(node), {
      message: "this hostcrate says no hosts",
      hint: 'add `match:` with names or globs ("*" for all), or `where:` with a condition',
    });
}
