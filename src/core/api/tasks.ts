/** The endpoints about tasks: commands that envoys run once, now. Must not know how they get there. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { flag, parameters, text, whole } from "../params.ts";
import { targetStates, taskStates } from "../tasks/states.ts";
import { paramTypes } from "../tasks/values.ts";
import { endpoint } from "./endpoint.ts";
import { count, cursor, envoyNamed, moment, paging, targets } from "./shapes.ts";

const targetState = z
  .enum(targetStates)
  .describe(
    "waiting: for its batch or for the envoy; sent: the envoy may have it; running; else how it ended, which never changes.",
  );

const values = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .describe("Values of parameters, by name.");

const task = z.object({
  id: z.string().describe("UUID."),
  command: z.string().describe("For a shell; of a named task, its words."),
  task: z.string().exactOptional().describe("The named task that it is."),
  params: values.exactOptional(),
  actor: z.string().describe("Who ordered it."),
  asked: z.array(z.string()).describe("Targets, as they were asked for."),
  state: z
    .enum(taskStates)
    .describe(
      "paused: nobody starts it until it is resumed. stopped: too many failed, a health check did, or a person aborted it, so no further envoy starts it. cancelled: those that ran it were stopped too.",
    ),
  batch: count("The batch whose turn it is, from 1."),
  checking: z
    .boolean()
    .describe("A health check looks after that batch; nobody starts it meanwhile."),
  batch_size: z.int().exactOptional().describe("At once; all where there is none."),
  max_failures: z
    .int()
    .exactOptional()
    .describe("When more have failed, no further one starts it."),
  health_check: z.string().exactOptional().describe("Between batches."),
  nice: z.int().exactOptional().describe("Added to the niceness of the agent."),
  force: z.boolean().describe("The guardrails were lifted."),
  check_of: z.string().exactOptional().describe("The task whose batch it looks after."),
  rerun_of: z.string().exactOptional().describe("The task that it repeats."),
  created_at: moment("When it was ordered."),
  expires_at: moment("No envoy starts it later."),
  ended_at: moment("When it was over on all.").exactOptional(),
  reason: z.string().exactOptional().describe("Why it was stopped or cancelled."),
  counts: z
    .partialRecord(z.enum([...targetStates, "open"]), z.int())
    .describe("Targets by state; open: on their way, in a list of tasks."),
});

const piece = z.object({
  stream: z.enum(["out", "err"]).describe("Standard output or standard error."),
  text: z.string().describe("What was printed."),
});

const target = z.object({
  envoy_id: z.string().describe("The envoy."),
  hostname: z.string().describe("Its name when the task was ordered."),
  batch: count("Its batch, from 1."),
  state: targetState,
  started_at: moment("When it began there, by the envoy's clock.").exactOptional(),
  ended_at: moment("When it ended.").exactOptional(),
  exit_code: z.int().exactOptional().describe("Of the command; 128 and more: a signal."),
  reason: z.string().exactOptional().describe("Why it ended so."),
  dropped: z.int().exactOptional().describe("Bytes it printed above the limit."),
});

export type Task = z.output<typeof task>;
export type Target = z.output<typeof target>;

const planned = z.object({
  ...envoyNamed,
  batch: count("Its batch, from 1."),
  stream: z.boolean().describe("It has a stream open, so that it begins at once."),
  maintenance: z
    .boolean()
    .exactOptional()
    .describe("It is in maintenance. It runs the task all the same: somebody ordered it."),
});

const portion = (description: string) =>
  text(description, {
    pattern: /^(?:\d{1,6}|(?:\d{1,2}(?:\.\d)?|100)%)$/,
    wanted: "a number, or a percentage like 5% and not above 100%",
  });

/** None at once would be none ever. */
const size = text("So many at once, the next when these have ended.", {
  pattern: /^(?=.*[1-9])(?:\d{1,6}|(?:\d{1,2}(?:\.\d)?|100)%)$/,
  wanted: "a number from 1, or a percentage like 5%, above 0% and not above 100%",
});

const started = z.object({
  plan: z.array(planned).describe("Who runs it, in this order."),
  task: task.exactOptional().describe("Absent with `dry_run`."),
});

const force = flag("Although a guardrail holds the command back; that is audited.").default(false);
const dryRun = flag("Only tell who would run it.").default(false);

export const startTask = endpoint({
  method: "POST",
  path: "/tasks",
  summary:
    "Runs a command, or a named task, once on envoys; every one of them ends in exactly one state.",
  permission: "task.run",
  body: parameters({
    command: text("For `sh -c`, at most 8,192 letters; or give `task`.", {
      pattern: /^(?=.*\S)[^\0]{1,8192}$/s,
      wanted: "a command of at most 8,192 letters",
    }).exactOptional(),
    task: text("A named task of the published policy, in place of `command`.").exactOptional(),
    params: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .describe("Parameters of the named task; a value may be written as text.")
      .default({}),
    targets: targets("Who runs it").min(1),
    timeout: duration(
      "How long it may take on one envoy, at most 24h; 60s, or what the named task says.",
    ).exactOptional(),
    expires: duration("No envoy starts it later; at most 30d.").default("1h"),
    batch_size: size.exactOptional(),
    max_failures: portion("When more have failed, no further one starts it.").exactOptional(),
    health_check: text(
      "After each batch: an http(s) address that the server asks, or a command for the batch's envoys; what is not well stops the task.",
      {
        pattern: /^(?=.*\S)[^\0]{1,8192}$/s,
        wanted: "an address or a command of at most 8,192 letters",
      },
    ).exactOptional(),
    nice: whole("Added to the niceness of the agent: 19 gives way to everything.", {
      min: -20,
      max: 19,
    }).default(0),
    dry_run: dryRun,
    force,
  }),
  response: started,
});

export const rerunTask = endpoint({
  method: "POST",
  path: "/tasks/:id/rerun",
  summary:
    "Runs what a task that has ended ran again, on all of its envoys or on those that did not end well.",
  permission: "task.run",
  body: parameters({
    failed: flag("Only where it did not end `ok`.").default(false),
    expires: duration("No envoy starts it later; at most 30d.").default("1h"),
    dry_run: dryRun,
    force,
  }),
  response: started,
});

export const listTasks = endpoint({
  method: "GET",
  path: "/tasks",
  summary: "Lists tasks, the newest first.",
  permission: "task.run",
  query: parameters(paging),
  response: z.object({ tasks: z.array(task).describe("One page of them."), cursor }),
});

export const showTask = endpoint({
  method: "GET",
  path: "/tasks/:id",
  summary: "Shows a task with what every target printed.",
  permission: "task.run",
  response: task.extend({
    targets: z
      .array(target.extend({ output: z.array(piece).describe("In the order it came.") }))
      .describe("By batch and hostname."),
  }),
});

export const cancelTask = endpoint({
  method: "POST",
  path: "/tasks/:id/cancel",
  summary: "Stops a task: who has not begun does not begin, who runs it is stopped.",
  permission: "task.run",
  response: task,
});

export const abortTask = endpoint({
  method: "POST",
  path: "/tasks/:id/abort",
  summary: "Lets no further envoy begin a task; those that run it go on to its end.",
  permission: "task.run",
  response: task,
});

export const pauseTask = endpoint({
  method: "POST",
  path: "/tasks/:id/pause",
  summary: "Lets nobody begin a task until it is resumed; those that run it go on to its end.",
  permission: "task.run",
  response: task,
});

export const resumeTask = endpoint({
  method: "POST",
  path: "/tasks/:id/resume",
  summary: "Goes on with a task that was paused.",
  permission: "task.run",
  response: task,
});

const namedTask = z.object({
  name: z.string().describe("Its name."),
  description: z.string().describe("What it is for; may be empty."),
  command: z.array(z.string()).describe("Program and words; `$name` stands for a parameter."),
  params: z
    .array(
      z.object({
        name: z.string().describe("Its name."),
        type: z.enum(paramTypes).describe("Its kind."),
        takes: z.string().describe("Which values it may have, in words."),
        description: z.string().describe("What it is for; may be empty."),
        default: z
          .union([z.string(), z.number(), z.boolean()])
          .exactOptional()
          .describe("Where nobody gives one; absent: it is required."),
      }),
    )
    .describe("What may be given, and what must."),
  timeout_ms: z.int().exactOptional().describe("How long it may take on one envoy."),
  roles: z.array(z.string()).describe("Who may run it; empty: all who may run tasks."),
  file: z.string().describe("Where it stands in the stacks."),
});

export type NamedTaskShown = z.output<typeof namedTask>;

export const listNamedTasks = endpoint({
  method: "GET",
  path: "/named-tasks",
  summary: "Lists the named tasks of the published policy.",
  permission: "task.run",
  response: z.object({ tasks: z.array(namedTask).describe("By name.") }),
});

export const followTask = endpoint({
  method: "GET",
  path: "/tasks/:id/events",
  summary: "Tells how a task stands and goes on, until it has ended.",
  permission: "task.run",
  events: true,
  response: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("task"), task }),
    z.object({ kind: z.literal("target"), target }),
    z.object({
      kind: z.literal("output"),
      envoy_id: z.string().describe("Who printed it."),
      hostname: z.string().describe("Its name."),
      offset: count("Letters (UTF-16) it had printed before; what was told once may come again."),
      stream: piece.shape.stream,
      text: piece.shape.text,
    }),
    z.object({ kind: z.literal("end"), task }),
  ]),
});

export type TaskEvent = z.output<typeof followTask.response>;
