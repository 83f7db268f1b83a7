/**
 * Reads a `when:` or `where:` at publish: syntax, names, types, and what it will need. Must not know where it stands in a
 * file: offsets count from its own first letter.
 */
import type { Environment } from "@marcbachmann/cel-js";
import type { AnyTraitType } from "../../trait.ts";
import { checkingEnvironment, inPlainWords, isUnclear, library } from "./cel.ts";
import type { Condition, ConditionError } from "./condition.ts";
import { calls, names } from "./functions.ts";
import { type Reads, readsOf } from "./reads.ts";
import { type Sections, sectionsOf } from "./shape.ts";
import { parseSyntax, refused } from "./syntax.ts";

const environments = new WeakMap<Sections, Environment>();
const parsed = new WeakMap<Sections, Map<string, Condition | ConditionError>>();
const kept = 10_000;

/** Checked against what the traits hold. The same text gives the same object, as long as there are not too many. */
export function parseCondition(
  source: string,
  traits: readonly AnyTraitType[],
): Condition | ConditionError {
  const sections = sectionsOf(traits);
  const before = parsed.get(sections) ?? new Map<string, Condition | ConditionError>();
  parsed.set(sections, before);
  const found = before.get(source) ?? read(source, sections);
  if (before.size >= kept) before.clear();
  before.set(source, found);
  return found;
}

const changed: Omit<Condition, "source"> = {
  kind: "condition",
  changed: true,
  vars: [],
  varsAsked: [],
  roles: [],
  sections: [],
  fields: [],
  functions: [],
  onServer: false,
  needsEnvoy: true,
};

function read(source: string, sections: Sections): Condition | ConditionError {
  if (source.trim() === "changed") return { ...changed, source };
  const environment = environmentOf(sections);
  const syntax = parseSyntax(environment, source);
  if (syntax.kind === "error") return syntax;
  const reads = readsOf(syntax.root, sections);
  if (reads.kind === "error") return reads;
  return checkTypes(syntax.program) ?? conditionOf(source, reads, sections);
}

function environmentOf(sections: Sections): Environment {
  const environment = environments.get(sections) ?? checkingEnvironment(sections);
  environments.set(sections, environment);
  return environment;
}

function checkTypes(program: ReturnType<Environment["parse"]>): ConditionError | undefined {
  const { type = "", error } = program.check();
  if (isUnclear(error)) return refused("nobody can tell what an empty list holds", 0);
  if (error) {
    if (!(error instanceof library().TypeError)) throw error;
    return refused(inPlainWords(error.summary), error.range?.start ?? 0);
  }
  if (type === "bool" || type === "dyn") return undefined;
  return refused(
    `a condition is true or false, and this is ${said(type)}`,
    0,
    "compare it with something",
  );
}

const spoken: Readonly<Record<string, string>> = {
  int: "a whole number",
  uint: "a whole number",
  double: "a number",
  string: "a text",
  list: "a list",
  map: "a map",
};
const said = (type: string) => spoken[type.replace(/<.*/, "")] ?? `a ${type}`;

function conditionOf(source: string, reads: Reads, sections: Sections): Condition {
  const used = [...names, ...calls].filter(({ name }) => reads.functions.includes(name));
  const needsEnvoy = used.some(({ asks }) => asks === true);
  return {
    kind: "condition",
    source,
    changed: false,
    vars: reads.vars,
    varsAsked: reads.varsAsked,
    roles: reads.roles,
    sections: sectionsIn(reads.fields),
    fields: reads.fields,
    functions: reads.functions,
    onServer: !needsEnvoy && reads.fields.every((field) => isStable(field, sections)),
    needsEnvoy,
  };
}

const sectionsIn = (fields: readonly string[]): readonly string[] => [
  ...new Set(fields.map((field) => field.replace(/\..*/, ""))),
];

function isStable(path: string, sections: Sections): boolean {
  const [section = "", field = ""] = path.split(".");
  const shape = sections.get(section);
  return shape?.kind === "object" && shape.stable.has(field);
}
