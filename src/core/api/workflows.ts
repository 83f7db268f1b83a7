/** The endpoints about workflows: sequences of steps over machines, and their runs. Must not know how they are carried out. */
import { z } from "zod";
import { flag, parameters, text } from "../params.ts";
import { runStates, stepEnds } from "../workflows/course.ts";
import { stepKinds } from "../workflows/workflow.ts";
import { endpoint } from "./endpoint.ts";
import { roles } from "./roles.ts";
import { count, cursor, moment, paging, targets } from "./shapes.ts";

/** `waiting`: for a person to approve. */
export const shownStates = [...runStates, "waiting"] as const;

const param = z.object({
  name: z.string().describe("Its name."),
  takes: z.string().describe("What it takes, for people."),
  description: z.string().describe("What it is for; may be empty."),
  default: z
    .union([z.string(), z.number(), z.boolean()])
    .exactOptional()
    .describe("What holds when nothing is given; absent: it has to be given."),
});

const workflow = z.object({
  name: z.string().describe("Its name."),
  place: z.string().describe("Where it is declared, as workflows/upgrade.vgo:1."),
  description: z.string().describe("What it does; may be empty."),
  roles: z.array(z.enum(roles)).describe("Who may run it; empty: whoever may run workflows."),
  targets: z.array(z.string()).describe("Whom it is for, unless somebody says otherwise."),
  params: z.array(param).describe("What it has to be given."),
  steps: z.array(z.string()).describe("Names of its steps."),
});

const step = z.object({
  key: z.string().describe("2.1: in the second batch the first step; undo.1: of on_failure."),
  name: z.string().describe("As its file says."),
  kind: z.enum(stepKinds).describe("What it does."),
  batch: count("Its batch, from 1; 0: of on_failure."),
  state: z
    .enum([...stepEnds, "pending", "running"])
    .describe("pending: not begun; running; else how it ended, which never changes."),
  started_at: moment("When it began.").exactOptional(),
  ended_at: moment("When it ended.").exactOptional(),
  reason: z.string().exactOptional().describe("Why it ended so."),
  by: z.string().exactOptional().describe("Who approved it."),
  targets: z.int().exactOptional().describe("Machines it is for."),
  task_id: z.string().exactOptional().describe("The task that it runs."),
  counts: z
    .record(z.string(), z.int())
    .exactOptional()
    .describe("While its task goes on: machines by state."),
});

const run = z.object({
  id: z.string().describe("UUID."),
  workflow: z.string().describe("Its name."),
  version: z.int().describe("Of the policy it was read from; it stays with that."),
  actor: z.string().describe("Who began it."),
  asked: z.array(z.string()).describe("Targets, as they were asked for."),
  params: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe("Values of its parameters."),
  state: z
    .enum(shownStates)
    .describe("waiting: for a person. undoing: it does what on_failure says."),
  created_at: moment("When it began."),
  ended_at: moment("When it was over.").exactOptional(),
  reason: z.string().exactOptional().describe("Why it failed or was aborted."),
  batches: count("How many there are."),
});

const member = z.object({
  envoy_id: z.string().describe("The envoy."),
  hostname: z.string().describe("Its name when the run began."),
  batch: count("Its batch, from 1."),
  failed_at: z.string().exactOptional().describe("Key of the step it failed at."),
  reason: z.string().exactOptional().describe("Why it failed."),
});

const whole = run.extend({
  steps: z.array(step).describe("All of them, in the order they come."),
  targets: count("Machines."),
  failed: z.array(member).describe("Those that failed."),
});

export type Workflow = z.output<typeof workflow>;
export type WorkflowRun = z.output<typeof run>;
export type WholeRun = z.output<typeof whole>;
export type WorkflowStep = z.output<typeof step>;

const permission = "workflow.run" as const;

export const listWorkflows = endpoint({
  method: "GET",
  path: "/workflows",
  summary: "Lists the workflows that are published.",
  permission,
  response: z.object({ workflows: z.array(workflow).describe("By name.") }),
});

export const startWorkflow = endpoint({
  method: "POST",
  path: "/workflows/:name/runs",
  summary: "Begins a run of a workflow as it is published now.",
  permission,
  body: parameters({
    targets: targets("Who, in place of what the workflow says").default([]),
    params: z
      .record(z.string().max(64), z.union([z.string().max(4096), z.number(), z.boolean()]))
      .default({})
      .describe("Values of its parameters."),
    dry_run: flag("Only tell who would be in which batch, and what would be done.").default(false),
  }),
  response: z.object({
    plan: z
      .array(member.omit({ failed_at: true, reason: true }))
      .describe("By batch and hostname."),
    steps: z.array(step).describe("What is done, in this order."),
    run: run.exactOptional().describe("Absent with `dry_run`."),
  }),
});

export const listWorkflowRuns = endpoint({
  method: "GET",
  path: "/workflow-runs",
  summary: "Lists runs of workflows, the newest first.",
  permission,
  query: parameters(paging),
  response: z.object({ runs: z.array(run).describe("One page of them."), cursor }),
});

export const showWorkflowRun = endpoint({
  method: "GET",
  path: "/workflow-runs/:id",
  summary: "Shows a run of a workflow with its steps.",
  permission,
  response: whole,
});

export const abortWorkflowRun = endpoint({
  method: "POST",
  path: "/workflow-runs/:id/abort",
  summary: "Breaks a run off: what goes on is stopped, then what on_failure says is done.",
  permission,
  body: parameters({
    hard: flag("Do not do what on_failure says.").default(false),
    reason: text("For the record.", {
      pattern: /^[^\p{Cc}]{0,500}$/u,
      wanted: "at most 500 letters",
    }).default(""),
  }),
  response: run,
});

export const approveWorkflowRun = endpoint({
  method: "POST",
  path: "/workflow-runs/:id/approve",
  summary: "Agrees that a run goes on which waits for it.",
  permission,
  response: run,
});

export const followWorkflowRun = endpoint({
  method: "GET",
  path: "/workflow-runs/:id/events",
  summary: "Tells how a run stands and goes on, until it has ended.",
  permission,
  events: true,
  response: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("run"), run: whole }),
    z.object({ kind: z.literal("step"), state: z.enum(shownStates), step }),
    z.object({ kind: z.literal("end"), run: whole }),
  ]),
});

export type WorkflowEvent = z.output<typeof followWorkflowRun.response>;
