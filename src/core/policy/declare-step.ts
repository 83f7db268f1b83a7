/** The steps of a workflow taken apart. Must not know in which order they come about. */
import { roles } from "../api/roles.ts";
import { unknownWord } from "../did-you-mean.ts";
import { parseDuration, printDuration } from "../duration.ts";
import { heldBack } from "../tasks/guardrails.ts";
import type { AnyTraitType } from "../trait.ts";
import {
  type Scope,
  scopes,
  type Step,
  type StepKind as Kind,
  stepKinds as kinds,
  type Turn,
  turns,
} from "../workflows/workflow.ts";
import { publishIn } from "./declare-publish.ts";
import type { Findings } from "./findings.ts";
import type { Placed } from "./model.ts";
import { clip, type Entry, excerpt, type MapNode, type Node } from "./node.ts";
import { readySight } from "./ready-conditions.ts";
import { type Fields, fieldsOf, flagOf, mapOf, scalarOf, type Shape, textOf } from "./shape.ts";

/** Beside what every step may have. */
const own: Readonly<Record<Kind, readonly string[]>> = {
  run: ["expires", "force"],
  task: ["expires", "force", "params"],
  publish: [],
  push: [],
  wait: [],
  hold: ["while"],
  health: [],
  approval: [],
};
const common = ["name", "in", "targets", "when", "timeout"] as const;
const particular = ["params", "expires", "force", "while"] as const;

export const stepShape = {
  what: "a step",
  keys: [...kinds, ...common, ...particular],
  misplaced: {
    command: "write run: COMMAND",
    target: "the machines of a workflow are its `target:`; a step chooses among them with targets:",
    on_failure: "on_failure: stands beside steps:",
  },
} as const satisfies Shape;

const approvalShape = { what: "approval", keys: ["role", "other"] } as const satisfies Shape;

const minute = 60_000;
const limits: Readonly<Record<Kind, { readonly usual: number; readonly most: number }>> = {
  run: { usual: minute, most: 1_440 * minute },
  task: { usual: minute, most: 1_440 * minute },
  publish: { usual: 1_440 * minute, most: 7 * 1_440 * minute },
  push: { usual: 10 * minute, most: 1_440 * minute },
  wait: { usual: 10 * minute, most: 7 * 1_440 * minute },
  hold: { usual: 7 * 1_440 * minute, most: 7 * 1_440 * minute },
  health: { usual: minute, most: 1_440 * minute },
  approval: { usual: 1_440 * minute, most: 7 * 1_440 * minute },
};
const usualExpiry = 10 * minute;

/** A named task that a step runs, for what is found out when all files are read. */
export interface TaskUse {
  readonly task: Placed<string>;
  readonly given: readonly { readonly name: string; readonly value: Placed<string> }[];
}

interface Context {
  readonly traits: readonly AnyTraitType[];
  readonly found: Findings;
  /** Grows. */
  readonly uses: TaskUse[];
}

/** A list of steps, or a single one. */
export function declareSteps(
  entry: Entry | undefined,
  list: "steps" | "on_failure",
  context: Context,
): readonly Step[] {
  const { found } = context;
  if (entry === undefined) return [];
  const { value } = entry;
  const nodes = value.kind === "list" ? value.items : [value];
  if (nodes.length === 0)
    found.problem("VG302", entry.place, list, { message: `${list}: has no steps` });
  const names = new Map<string, number>();
  return nodes.flatMap((node, at) => {
    const step = declareStep(node, `${at + 1}`, list, context);
    if (step === undefined) return [];
    const line = names.get(step.name);
    if (line !== undefined)
      found.problem("VG305", node.place, clip(step.name), {
        message: `two steps named "${clip(step.name)}"; the first is in line ${line}`,
        hint: "give one of them another `name:`",
      });
    names.set(step.name, line ?? node.place.line);
    return [step];
  });
}

function declareStep(
  node: Node,
  number: string,
  list: "steps" | "on_failure",
  context: Context,
): Step | undefined {
  const { traits, found } = context;
  const fields = fieldsOf(node, stepShape, found);
  if (node.kind !== "map") return undefined;
  const kind = kindIn(node, fields, found);
  if (kind === undefined) return undefined;
  for (const key of particular)
    if (fields.has(key) && !own[kind].includes(key))
      found.problem("VG303", fields.get(key)?.place ?? node.place, key, {
        message: `"${key}" does not belong in a ${kind} step`,
      });
  const shared = {
    name: textOf(fields.get("name"), "name", found)?.value ?? `${number} ${kind}`,
    turn: oneOf(fields.get("in"), "in", turns, found) ?? ("every" satisfies Turn),
    targets: oneOf(fields.get("targets"), "targets", scopes, found) ?? ("batch" satisfies Scope),
    ...conditionIn(fields, "when", traits, found),
    timeoutMs: limits[kind].usual,
  };
  const timeoutMs = timeIn(fields, "timeout", limits[kind].most, found);
  if (list === "on_failure" && kind === "approval")
    found.problem("VG303", node.place, kind, {
      message: "an approval does not belong in on_failure: nobody may be there to give it",
    });
  const said = timeoutMs === undefined ? {} : { timeoutMs };
  return stepOf[kind]({ ...context, fields, said }, { ...shared, ...said });
}

function kindIn(node: MapNode, fields: Fields, found: Findings): Kind | undefined {
  const said = kinds.filter((kind) => fields.has(kind));
  const [kind] = said;
  if (kind !== undefined && said.length === 1) return kind;
  // A word that is none of ours has been said, and is what was meant.
  if (kind === undefined && fields.size < node.entries.size) return undefined;
  found.problem("VG302", node.place, excerpt(node), {
    message: `a step is one of ${kinds.join(", ")}, not ${said.join(" and ") || "none of them"}`,
    hint: "one a step: - run: COMMAND",
  });
  return undefined;
}

interface Written extends Context {
  readonly fields: Fields;
  /** The time limit, where the step gives one. */
  readonly said: { readonly timeoutMs?: number };
}

type Shared = Pick<
  Step & { readonly kind: "run" },
  "name" | "turn" | "targets" | "when" | "timeoutMs"
>;

const stepOf: Readonly<Record<Kind, (written: Written, shared: Shared) => Step | undefined>> = {
  run: ({ fields, found }, shared) => {
    const command = textOf(fields.get("run"), "run", found);
    if (command === undefined) return undefined;
    if (command.value.length > 8_192 || /^\s*$/.test(command.value))
      found.problem("VG302", command.place, clip(command.value), {
        message: "run: holds a command of at most 8,192 letters",
      });
    const ordered = orderedIn(fields, found);
    const why = ordered.force ? undefined : heldBack(command.value);
    if (why !== undefined)
      found.problem("VG806", command.place, clip(command.value), {
        message: `a guardrail holds the command back: ${why}`,
        hint: "when it is meant, say force: true in the step",
      });
    return { ...shared, ...ordered, kind: "run", command: command.value };
  },
  task: ({ fields, said, found, uses }, { timeoutMs: _, ...shared }) => {
    const task = textOf(fields.get("task"), "task", found);
    const written = mapOf(fields.get("params"), "params", found)?.entries ?? new Map();
    const given = [...written].flatMap(([name, entry]) => {
      const value = textOf(entry, `parameter ${name}`, found);
      return value === undefined ? [] : [{ name, value }];
    });
    if (task === undefined) return undefined;
    uses.push({ task, given });
    const params = Object.fromEntries(given.map(({ name, value }) => [name, value.value]));
    const ordered = orderedIn(fields, found);
    return { ...shared, ...said, ...ordered, kind: "task", task: task.value, params };
  },
  publish: ({ fields, found }, shared) => ({
    ...shared,
    kind: "publish",
    ...publishIn(fields.get("publish"), found),
  }),
  push: ({ fields, found }, shared) => {
    const entry = fields.get("push");
    if (!flagOf(entry, "push", found) && entry !== undefined)
      found.problem("VG302", entry.place, "push", { message: "write push: true" });
    return { ...shared, kind: "push" };
  },
  wait: ({ fields, traits, found }, shared) => {
    const { wait: until } = conditionIn(fields, "wait", traits, found);
    return until === undefined ? undefined : { ...shared, kind: "wait", until };
  },
  hold: ({ fields, traits, found }, shared) => {
    const holdMs = timeIn(fields, "hold", limits.hold.most, found);
    const condition = conditionIn(fields, "while", traits, found);
    return holdMs === undefined ? undefined : { ...shared, ...condition, kind: "hold", holdMs };
  },
  health: ({ fields, found }, shared) => {
    const url = textOf(fields.get("health"), "health", found);
    if (url === undefined) return undefined;
    if (!/^https?:\/\/[^\s/]+/.test(url.value))
      found.problem("VG302", url.place, clip(url.value), {
        message: `health: is an address that the server asks, not "${clip(url.value)}"`,
        hint: "like https://shop.example.com/healthz; a command on the machines is a run: step",
      });
    return { ...shared, kind: "health", url: url.value };
  },
  approval: ({ fields, found }, shared) => approvalOf(fields.get("approval"), shared, found),
};

const orderedIn = (fields: Fields, found: Findings) => ({
  expiresMs: timeIn(fields, "expires", limits.wait.most, found) ?? usualExpiry,
  force: flagOf(fields.get("force"), "force", found),
});

/** `approval: true`, or with who may give it. */
function approvalOf(entry: Entry | undefined, shared: Shared, found: Findings): Step {
  if (entry?.value.kind === "scalar") {
    if (!flagOf(entry, "approval", found))
      found.problem("VG302", entry.place, "approval", {
        message: "write approval: true, or approval: {role: admin}",
      });
    return { ...shared, kind: "approval", other: false };
  }
  const inner: Fields =
    entry === undefined ? new Map() : fieldsOf(entry.value, approvalShape, found);
  const role = oneOf(inner.get("role"), "role", roles, found);
  const other = flagOf(inner.get("other"), "other", found);
  return { ...shared, kind: "approval", other, ...(role && { role }) };
}

/** Held to its rules here, kept as it is written. */
function conditionIn<const K extends "when" | "wait" | "while">(
  fields: Fields,
  key: K,
  traits: readonly AnyTraitType[],
  found: Findings,
): { readonly [key in K]?: string } {
  const written = scalarOf(fields.get(key), key, found);
  const condition = written && readySight(written, traits, found);
  return (condition === undefined ? {} : { [key]: condition.source }) as {
    readonly [key in K]?: string;
  };
}

function oneOf<const W extends string>(
  entry: Entry | undefined,
  what: string,
  words: readonly W[],
  found: Findings,
): W | undefined {
  const written = textOf(entry, what, found);
  const word = words.find((each) => each === written?.value);
  if (written === undefined || word !== undefined) return word;
  found.problem("VG302", written.place, clip(written.value), {
    message: unknownWord(`word for ${what}`, clip(written.value), words),
    hint: `one of ${words.join(", ")}`,
  });
  return undefined;
}

/** `30s`, `5m`, `2h`, `1d`; in milliseconds, from a second on. */
export function timeIn(
  fields: Fields,
  key: "timeout" | "expires" | "hold",
  most: number,
  found: Findings,
): number | undefined {
  const written = textOf(fields.get(key), key, found);
  if (written === undefined) return undefined;
  const ms = parseDuration(written.value);
  if (ms !== undefined && ms >= 1_000 && ms <= most) return ms;
  found.problem("VG507", written.place, clip(written.value), {
    message: `${key} must be a time from 1s to ${printDuration(most)}, not "${clip(written.value)}"`,
  });
  return undefined;
}
