/**
 * Claims of controls, and `compliance.vgo`: claims for a folder of configcrates, waivers everywhere else. Must not know which
 * controls a framework has.
 */
import type { Ref, Waiver } from "./declared.ts";
import type { Findings } from "./findings.ts";
import { hostPattern } from "./hostname.ts";
import { folderOf } from "./layout.ts";
import { clip, type Entry, excerpt, type Node } from "./node.ts";
import { type Fields, fieldsOf, listOf, type Shape, textOf, textsOf } from "./shape.ts";

const claims: Shape = {
  what: "compliance.vgo under configcrates/",
  keys: ["compliance"],
  misplaced: { waivers: "waivers stand in a compliance.vgo beside hostcrates" },
};

const file: Shape = {
  what: "compliance.vgo",
  keys: ["waivers"],
  misplaced: { compliance: "controls are claimed in configcrates/, by the configcrates" },
};

export const waiverShape = {
  what: "a waiver",
  keys: ["controls", "match", "reason", "until"],
} as const satisfies Shape;

const control = /^[A-Za-z0-9][A-Za-z0-9._-]*:[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** `compliance: [cis-debian12:2.2.9]`, a framework and a control of it. */
export function controlsOf(
  entry: Entry | undefined,
  found: Findings,
  what = "compliance",
): readonly Ref[] {
  const refs = textsOf(entry, what, found);
  for (const { value, place } of refs)
    if (!control.test(value))
      found.problem("VG308", place, clip(value), {
        message: `"${clip(value)}" is no control`,
        hint: "write FRAMEWORK:CONTROL, as in cis-debian12:2.2.9",
      });
  return refs.filter(({ value }) => control.test(value));
}

export const declareClaims = (node: Node, found: Findings): readonly Ref[] =>
  controlsOf(fieldsOf(node, claims, found).get("compliance"), found);

export function declareWaivers(path: string, node: Node, found: Findings): readonly Waiver[] {
  const list = listOf(fieldsOf(node, file, found).get("waivers"), "waivers", found);
  return (list?.items ?? []).flatMap((item) => declareWaiver(path, item, found) ?? []);
}

function declareWaiver(path: string, node: Node, found: Findings): Waiver | undefined {
  const fields = fieldsOf(node, waiverShape, found);
  if (node.kind !== "map" || !isWhole(node, fields, found)) return undefined;
  const controls = controlsOf(fields.get("controls"), found, "controls");
  const match = textsOf(fields.get("match"), "match", found);
  const reason = textOf(fields.get("reason"), "reason", found);
  const until = dayOf(fields.get("until"), found);
  for (const { value, place } of match) {
    const pattern = hostPattern(value);
    if ("error" in pattern)
      found.problem("VG307", place, clip(value), { message: `bad pattern: ${pattern.error}` });
  }
  if (reason === undefined || until === undefined) return undefined;
  const { place } = node;
  return { place, folder: folderOf(path), controls, match, reason: reason.value, until };
}

function isWhole(node: Node, fields: Fields, found: Findings): boolean {
  const missing = ["controls", "reason", "until"].filter((key) => !fields.has(key));
  if (missing.length > 0)
    found.problem("VG308", node.place, excerpt(node), {
      message: `a waiver says its ${missing.join(", ")}`,
      hint: "write {controls: [cis-debian12:2.2.9], reason: why, until: 2027-12-31}",
    });
  return missing.length === 0;
}

function dayOf(entry: Entry | undefined, found: Findings): string | undefined {
  const day = textOf(entry, "until", found);
  if (day === undefined) return undefined;
  const { value, place } = day;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  // Date takes the 30th of February for the 2nd of March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(value)) return value;
  found.problem("VG308", place, clip(value), {
    message: `until must be a day like 2027-12-31, not "${clip(value)}"`,
  });
  return undefined;
}
