/** The endpoints about tasks: commands that envoys run once, now. Must not know how they get there. */
import { z } from "zod";
import { duration } from "../duration.ts";
import { flag, list, text } from "../params.ts";
import { parameters } from "../params.ts";
import { targetStates, taskStates } from "../tasks/states.ts";
import { endpoint } from "./endpoint.ts";
import { count, cursor, moment, paging } from "./shapes.ts";

const targetState = z
  .enum(targetStates)
  .describe(
    "waiting: for its batch or for the envoy; sent: the envoy may have it; running; else how it ended, which never changes.",
  );

const task = z.object({
  id: z.string().describe("UUID."),
  command: z.string().describe("For a shell."),
  actor: z.string().describe("Who ordered it."),
  asked: z.array(z.string()).describe("Targets, as they were asked for."),
  state: z
    .enum(taskStates)
    .describe("stopped: too many failed, so no further envoy starts it. cancelled: by a person."),
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
  envoy_id: z.string().describe("The envoy."),
  hostname: z.string().describe("Its name."),
  batch: count("Its batch, from 1."),
  stream: z.boolean().describe("It has a stream open, so that it begins at once."),
});

const portion = (description: string) =>
  text(description, {
    pattern: /^(?:\d{1,6}|(?:\d{1,2}(?:\.\d)?|100)%)$/,
    wanted: "a number or a percentage like 5%",
  });

export const startTask = endpoint({
  method: "POST",
  path: "/tasks",
  summary: "Runs a command once on envoys; every one of them ends in exactly one state.",
  permission: "task.run",
  body: parameters({
    command: text("For `sh -c`, at most 8,192 letters.", {
      pattern: /^[^\0]{1,8192}$/s,
      wanted: "a command of at most 8,192 letters",
    }),
    targets: list(
      "Who runs it: hostname, UUID, pattern, @role, @environment, or `where:` with a condition.",
      text("One of them."),
    )
      .min(1)
      .max(100),
    timeout: duration("How long it may take on one envoy; at most 24h.").default("60s"),
    expires: duration("No envoy starts it later; at most 30d.").default("1h"),
    batch_size: portion("So many at once, the next when these have ended.").exactOptional(),
    max_failures: portion("When more have failed, no further one starts it.").exactOptional(),
    dry_run: flag("Only tell who would run it.").default(false),
    force: flag("Although a guardrail holds the command back; that is audited.").default(false),
  }),
  response: z.object({
    plan: z.array(planned).describe("Who runs it, in this order."),
    task: task.exactOptional().describe("Absent with `dry_run`."),
  }),
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
