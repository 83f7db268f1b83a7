/** A workflow for editors: what the keys of one may hold. Must not know other documents. */
import { roles } from "../../../core/api/roles.ts";
import type { publishShape } from "../../../core/policy/declare-publish.ts";
import type { stepShape } from "../../../core/policy/declare-step.ts";
import type { workflowShape } from "../../../core/policy/declare-workflow.ts";
import { scopes, stepKinds, turns } from "../../../core/workflows/workflow.ts";
import type { KeysOf } from "./vgo.ts";
import { flag, listOf, map, name, names, only, type Schema, text } from "./words.ts";

const span = { type: "string", pattern: "^\\d{1,9}(?:\\.\\d{1,3})?(?:ms|s|m|h|d|w)$" };
const portion = {
  anyOf: [
    { type: "integer", minimum: 0 },
    { ...text, pattern: "^\\d{1,6}%?$|%$" },
  ],
};
const asked = {
  ...text,
  description: "CEL over traits, envoy, environment, role(), status, up_to_date.",
};

const published: KeysOf<typeof publishShape> = {
  message: { ...text, description: "Kept with the version." },
  canary: { ...text, pattern: "%$", description: "The part of the fleet that has it first." },
  // biome-ignore lint/suspicious/noThenProperty: the word of the language; nothing awaits this object.
  then: names("The parts after it."),
  hold: { ...span, description: "How long each part is watched." },
  gate: names("Like failed<1%: what takes it back."),
  replace: { ...flag, description: "Although what is live was published from elsewhere." },
  min_ran: { ...text, pattern: "%$", description: "So many of a part must have run it." },
};

const keys: KeysOf<typeof stepShape> = {
  run: {
    ...text,
    description: "A command for a shell on the machines; parameters are VIGO_PARAM_NAME.",
  },
  task: { ...name, description: "A named task." },
  publish: {
    description: "Publishes the stacks of the server's host.",
    anyOf: [{ enum: [true, "true"] }, only(published)],
  },
  push: { enum: [true, "true"], description: "The machines check in and run now." },
  wait: { ...asked, description: `Until it is true on each machine. ${asked.description}` },
  hold: { ...span, description: "So long nothing is done." },
  health: { ...text, pattern: "^https?://", description: "An address that must answer well." },
  approval: {
    description: "A person agrees.",
    anyOf: [
      { enum: [true, "true"] },
      only({
        role: { enum: [...roles] },
        other: { ...flag, description: "Not whoever began the run." },
      }),
    ],
  },
  name: { ...text, description: "Unique in its list; number and kind when missing." },
  in: { enum: [...turns], description: "In which batches (d: every)." },
  targets: { enum: [...scopes], description: "Whom of the machines (d: batch)." },
  when: { ...asked, description: `Only those for which it is true. ${asked.description}` },
  timeout: { ...span, description: "How long it may take." },
  params: { ...map, description: "Of the named task; $name is a parameter of the workflow." },
  expires: { ...span, description: "Who has not begun by then has failed." },
  force: { ...flag, description: "Although a guardrail holds the command back." },
  while: { ...asked, description: `Must stay true meanwhile. ${asked.description}` },
};

const step = (without: readonly string[] = []): Schema => ({
  ...only(keys),
  oneOf: stepKinds.filter((kind) => !without.includes(kind)).map((kind) => ({ required: [kind] })),
});

export const workflow: KeysOf<typeof workflowShape> = {
  workflow: { ...name, description: "Its name, unique in the tree." },
  description: { ...text, description: "For lists." },
  roles: names("Roles of users who may run it; all who may run workflows, when not said."),
  params: { $ref: "#/$defs/task/properties/params" },
  target: names("Who: hostname, glob, @role, @environment, tag:NAME, note:TEXT, where: CONDITION."),
  batches: {
    anyOf: [portion, { type: "array", items: portion, maxItems: 50 }],
    description: "How many have had their turn after each batch, as numbers or parts of all.",
  },
  abort: { ...only({ max_failures: portion }), description: "More failed machines end it (d: 0)." },
  timeout: { ...span, description: "Of the whole (d: 24h)." },
  steps: {
    ...listOf(step()),
    type: "array",
    minItems: 1,
    maxItems: 100,
    description: "What is done, in order.",
  },
  on_failure: {
    anyOf: [step(["approval"]), listOf(step(["approval"]))],
    description: "What is done when it fails or is aborted.",
  },
};
