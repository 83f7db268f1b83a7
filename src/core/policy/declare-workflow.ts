/** `workflows/*.vgo` taken apart: one workflow a file. Must not know how it is carried out, nor which machines there are. */
import { isPortion, isWhole } from "../workflows/portion.ts";
import type { Step, Workflow } from "../workflows/workflow.ts";
import { declareSteps, type TaskUse, timeIn } from "./declare-step.ts";
import { paramsIn, rolesIn } from "./declare-task.ts";
import type { Findings } from "./findings.ts";
import { hostPattern } from "./hostname.ts";
import type { Place, Placed, Registries } from "./model.ts";
import { clip, type Entry, excerpt, type Node } from "./node.ts";
import { readyText } from "./ready-conditions.ts";
import { type Fields, fieldsOf, nameOf, type Shape, textOf, textsOf } from "./shape.ts";

export const workflowShape = {
  what: "a workflow",
  keys: [
    "workflow",
    "description",
    "roles",
    "params",
    "target",
    "batches",
    "abort",
    "timeout",
    "steps",
    "on_failure",
  ],
  misplaced: {
    resources: "resources stand in a configcrate, under configcrates/",
    max_failures: "write abort: {max_failures: 5%}",
    when: "a step has a condition; the machines of a workflow are its `target:`",
  },
} as const satisfies Shape;

const abortShape = { what: "abort", keys: ["max_failures"] } as const satisfies Shape;

/** A workflow with the place of its name, for what is found out later. */
export interface PlacedWorkflow {
  readonly name: string;
  readonly place: Place;
  readonly uses: readonly TaskUse[];
  readonly workflow: Workflow;
}

const day = 86_400_000;
const most = { steps: 100, batches: 50, targets: 100 } as const;

export function declareWorkflow(
  node: Node,
  { traits }: Pick<Registries, "traits">,
  found: Findings,
): PlacedWorkflow | undefined {
  const fields = fieldsOf(node, workflowShape, found);
  if (node.kind !== "map" || !isComplete(node, fields, found)) return undefined;
  const name = nameOf(fields.get("workflow"), "a workflow", found);
  const uses: TaskUse[] = [];
  const stepsOf = (key: "steps" | "on_failure") =>
    declareSteps(fields.get(key), key, { traits, found, uses });
  const steps = stepsOf("steps");
  limited(steps, "steps", fields.get("steps"), most.steps, found);
  const workflow = {
    description: textOf(fields.get("description"), "description", found)?.value ?? "",
    roles: rolesIn(fields, found),
    params: paramsIn(fields.get("params"), found),
    targets: targetsOf(fields.get("target"), traits, found),
    batches: batchesOf(fields.get("batches"), found),
    maxFailures: failuresOf(fields.get("abort"), found),
    timeoutMs: timeIn(fields, "timeout", 7 * day, found) ?? day,
    steps,
    onFailure: stepsOf("on_failure"),
  };
  if (name === undefined) return undefined;
  const { place, value } = name;
  return { name: value, place, uses, workflow: { ...workflow, name: value, place: placed(place) } };
}

const placed = ({ file, line }: Place): string => `${file}:${line}`;

function isComplete(node: Node, fields: Fields, found: Findings): boolean {
  const missing = ["workflow", "steps"].filter((key) => !fields.has(key));
  if (missing.length > 0)
    found.problem("VG302", node.place, excerpt(node), {
      message: `a workflow needs ${missing.map((key) => `\`${key}:\``).join(" and ")}`,
      hint: "write workflow: NAME, target: WHO, steps: [{run: COMMAND}]",
    });
  return missing.length === 0;
}

function limited(
  steps: readonly Step[],
  what: string,
  entry: Entry | undefined,
  limit: number,
  found: Findings,
): void {
  if (entry !== undefined && steps.length > limit)
    found.problem("VG302", entry.place, what, { message: `at most ${limit} ${what}` });
}

/** Who has a name now, nobody knows here; a word that can name nobody is a mistake. */
function targetsOf(
  entry: Entry | undefined,
  traits: Registries["traits"],
  found: Findings,
): readonly string[] {
  const words = textsOf(entry, "target", found);
  if (entry !== undefined && words.length > most.targets)
    found.problem("VG302", entry.place, "target", { message: `at most ${most.targets} targets` });
  for (const word of words) checkTarget(word, traits, found);
  return words.map(({ value }) => value);
}

function checkTarget(
  { value, place }: Placed<string>,
  traits: Registries["traits"],
  found: Findings,
): void {
  if (/^(?:@|tag:|note:)/.test(value)) return;
  if (value.startsWith("where:")) {
    readyText(value.slice(6).trim(), place, traits, found);
    return;
  }
  const pattern = hostPattern(value);
  if ("error" in pattern)
    found.problem("VG307", place, clip(value), {
      message: `bad pattern: ${pattern.error}`,
      hint: "a name, a glob, @role, @environment, tag:NAME, note:TEXT, or where: CONDITION in quotes",
    });
}

function batchesOf(entry: Entry | undefined, found: Findings): readonly string[] {
  const sizes = textsOf(entry, "batches", found);
  for (const { value, place } of sizes)
    if (!isPortion(value) || value === "0" || value === "0%")
      found.problem("VG302", place, clip(value), {
        message: `"${clip(value)}" is no batch`,
        hint: 'how many have had their turn after it: batches: ["1", 10%, 100%]',
      });
  if (entry !== undefined && sizes.length > most.batches)
    found.problem("VG302", entry.place, "batches", { message: `at most ${most.batches} batches` });
  const written = sizes.map(({ value }) => value);
  return written.some(isWhole) ? written : [...written, "100%"];
}

function failuresOf(entry: Entry | undefined, found: Findings): string {
  if (entry === undefined) return "0";
  const written = textOf(
    fieldsOf(entry.value, abortShape, found).get("max_failures"),
    "max_failures",
    found,
  );
  if (written === undefined || isPortion(written.value)) return written?.value ?? "0";
  found.problem("VG302", written.place, clip(written.value), {
    message: `max_failures must be a number or a percentage like 5%, not "${clip(written.value)}"`,
  });
  return "0";
}
