/** What machines are told to do once: names of commands, each loaded when it is called. Must not know what commands do. */
import type { Commands } from "./commands.ts";

export const acting: Commands = {
  query: {
    summary: "Asks the fleet a question, and shows the answers as they come.",
    load: () => import("../commands/query.ts"),
  },
  "task run": {
    summary: "Runs a command or a named task on envoys and shows what they print.",
    load: () => import("../commands/task/run.ts"),
  },
  "task list": {
    summary: "Lists tasks, the newest first.",
    load: () => import("../commands/task/list.ts"),
  },
  "task show": {
    summary: "Shows a task with what every target printed.",
    load: () => import("../commands/task/show.ts"),
  },
  "task cancel": {
    summary: "Stops a task wherever it has not ended.",
    load: () => import("../commands/task/cancel.ts"),
  },
  "workflow run": {
    summary: "Begins a run of a workflow and shows how far it is.",
    load: () => import("../commands/workflow/run.ts"),
  },
  "workflow status": {
    summary: "Shows runs of workflows, or one of them with its steps.",
    load: () => import("../commands/workflow/status.ts"),
  },
  "workflow list": {
    summary: "Lists the workflows that are published.",
    load: () => import("../commands/workflow/list.ts"),
  },
  "workflow abort": {
    summary: "Breaks a run off, and lets it do what its on_failure says.",
    load: () => import("../commands/workflow/abort.ts"),
  },
  "workflow approve": {
    summary: "Agrees that a run goes on which waits for it.",
    load: () => import("../commands/workflow/approve.ts"),
  },
  "task abort": {
    summary: "Lets nobody else begin a task; who runs it goes on to its end.",
    load: () => import("../commands/task/abort.ts"),
  },
  "task pause": {
    summary: "Lets nobody begin a task until it is resumed.",
    load: () => import("../commands/task/pause.ts"),
  },
  "task resume": {
    summary: "Goes on with a task that was paused.",
    load: () => import("../commands/task/resume.ts"),
  },
  "task rerun": {
    summary: "Runs what a task ran again, everywhere or where it did not end well.",
    load: () => import("../commands/task/rerun.ts"),
  },
  "task describe": {
    summary: "Lists the named tasks of the published policy, or shows one.",
    load: () => import("../commands/task/describe.ts"),
  },
};
