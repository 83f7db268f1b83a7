/**
 * `tests/*.vgo` taken apart: a host that need not exist, and what is expected of its policy. Must not know whether it holds.
 */
import type { Json } from "../json.ts";
import type { Expectation, PolicyTest, Sample } from "./declared.ts";
import type { Findings } from "./findings.ts";
import { linearPattern } from "./hostname.ts";
import type { Registries } from "./model.ts";
import { clip, type Entry, excerpt, type MapNode, type Node } from "./node.ts";
import { below, unknownTrait } from "./ready-reads.ts";
import { type Fields, fieldsOf, listOf, mapOf, type Shape, textOf, textsOf } from "./shape.ts";
import { sectionsOf, type Shape as TraitShape } from "./when/shape.ts";

const file: Shape = {
  what: "a policy test",
  keys: ["test", "given", "expect"],
  misplaced: { resources: "resources stand in a configcrate, under configcrates/" },
};
export const givenShape = {
  what: "given",
  keys: ["hostname", "id", "environment", "traits"],
  misplaced: { vars: "vars come from the policy that is tested" },
} as const satisfies Shape;
export const expectationShape = {
  what: "an expectation",
  keys: ["resource", "attributes", "content_matches", "absent", "before", "after", "error"],
} as const satisfies Shape;
const subjects = ["resource", "absent", "before", "after", "error"] as const;

export function declareTest(
  node: Node,
  registries: Registries,
  found: Findings,
): PolicyTest | undefined {
  const fields = fieldsOf(node, file, found);
  if (node.kind !== "map" || !isWhole(node, fields, found)) return undefined;
  const name = textOf(fields.get("test"), "test", found);
  const sample = sampleOf(fields.get("given"), registries, found);
  const items = listOf(fields.get("expect"), "expect", found)?.items;
  if (items?.length === 0)
    found.problem("VG302", node.place, name?.value ?? "", {
      message: "a test that expects nothing",
      hint: "add an expectation: {resource: crate/name}, {absent: crate/name} …",
    });
  const expected = (items ?? []).flatMap((item) => declareExpectation(item, found) ?? []);
  if (name === undefined || sample === undefined) return undefined;
  return { name: name.value, place: name.place, given: sample, expected };
}

function isWhole(node: MapNode, fields: Fields, found: Findings): boolean {
  const missing = file.keys.filter((key) => !fields.has(key));
  if (missing.length > 0)
    found.problem("VG302", node.place, excerpt(node), {
      message: `a policy test needs ${missing.map((key) => `\`${key}:\``).join(" and ")}`,
      hint: "write test: what should be so, given: {hostname: …}, expect: [{resource: crate/name}]",
    });
  return missing.length === 0;
}

function sampleOf(
  entry: Entry | undefined,
  registries: Registries,
  found: Findings,
): Sample | undefined {
  if (entry === undefined) return undefined;
  const fields = fieldsOf(entry.value, givenShape, found);
  const hostname = textOf(fields.get("hostname"), "hostname", found);
  if (entry.value.kind === "map" && !fields.has("hostname"))
    found.problem("VG302", entry.place, "given", {
      message: "given says which host",
      hint: "add hostname: web-1.example.com",
    });
  const traits = mapOf(fields.get("traits"), "traits", found);
  const values = traits === undefined ? {} : traitsIn(traits, registries, found);
  if (hostname === undefined) return undefined;
  return {
    hostname: hostname.value,
    id: textOf(fields.get("id"), "id", found)?.value ?? "00000000-0000-0000-0000-000000000000",
    environment: textOf(fields.get("environment"), "environment", found),
    traits: values,
  };
}

function traitsIn(node: MapNode, registries: Registries, found: Findings) {
  const sections = sectionsOf(registries.traits);
  const values: Record<string, Json> = Object.create(null);
  for (const [section, { place, value }] of node.entries) {
    const words = unknownTrait(section, [], registries);
    if (words !== undefined) found.problem("VG105", place, section, words);
    if (value.kind === "map")
      for (const [field, inner] of value.entries) {
        const unknown = words ?? unknownTrait(section, [field], registries);
        if (words === undefined && unknown !== undefined)
          found.problem("VG105", inner.place, field, unknown);
      }
    values[section] = traitValue(value, sections.get(section));
  }
  return values;
}

/** The trait decides what a plain scalar means: `version: 12` is a text where the trait has one. */
function traitValue(node: Node, shape: TraitShape | undefined): Json {
  if (node.kind === "scalar")
    return shape?.kind === "string" && node.value !== null ? node.source : node.value;
  const inner = (key: string) => (shape === undefined ? undefined : below(shape, key));
  if (node.kind === "list")
    return node.items.map((item, index) => traitValue(item, inner(`${index}`)));
  const values: Record<string, Json> = Object.create(null);
  for (const [key, { value }] of node.entries) values[key] = traitValue(value, inner(key));
  return values;
}

function declareExpectation(node: Node, found: Findings): Expectation | undefined {
  const fields = fieldsOf(node, expectationShape, found);
  if (node.kind !== "map") return undefined;
  const said = subjects.filter((key) => fields.has(key));
  const [kind] = said;
  if (kind === undefined || said.length > 1) {
    found.problem("VG302", node.place, excerpt(node), {
      message: `an expectation says one of ${subjects.join(", ")}, not ${said.join(" and ") || "none"}`,
    });
    return undefined;
  }
  for (const key of ["attributes", "content_matches"])
    if (kind !== "resource" && fields.has(key))
      found.problem("VG302", node.place, key, { message: `${key} is expected of a resource` });
  if (kind === "before" || kind === "after") return orderOf(kind, fields.get(kind), found);
  const text = textOf(fields.get(kind), kind, found);
  if (text === undefined) return undefined;
  if (kind !== "resource") return { kind, text };
  const attributes = mapOf(fields.get("attributes"), "attributes", found);
  return { kind, text, attributes, content: patternOf(fields.get("content_matches"), found) };
}

function orderOf(
  kind: "before" | "after",
  entry: Entry | undefined,
  found: Findings,
): Expectation | undefined {
  const refs = textsOf(entry, kind, found);
  if (refs.length >= 2)
    return { kind: "order", refs: kind === "before" ? refs : refs.toReversed() };
  if (entry !== undefined)
    found.problem("VG302", entry.place, kind, {
      message: `${kind} compares two resources or more`,
      hint: `write ${kind}: [one, other]`,
    });
  return undefined;
}

function patternOf(entry: Entry | undefined, found: Findings) {
  const text = textOf(entry, "content_matches", found);
  if (text === undefined) return undefined;
  const pattern = linearPattern(text.value);
  if (!("error" in pattern)) return { ...text, test: pattern.test };
  found.problem("VG307", text.place, clip(text.value), {
    message: `bad regular expression: ${pattern.error}`,
    hint: "RE2 syntax; put a backslash before what is meant as itself",
  });
  return undefined;
}

/** Two tests of one name could not be told apart. */
export function checkTestNames(tests: readonly PolicyTest[], found: Findings): void {
  const first = new Map<string, PolicyTest>();
  for (const test of tests) {
    const before = first.get(test.name);
    if (before === undefined) first.set(test.name, test);
    else
      found.problem("VG305", test.place, clip(test.name), {
        message: `two tests named "${clip(test.name)}"; the first is in ${before.place.file}:${before.place.line}`,
        hint: "rename one of them",
      });
  }
}
