/** `vigo cli workflow status [ID]` */
import {
  listWorkflowRuns,
  showWorkflowRun,
  type WorkflowRun,
} from "../../../../core/api/workflows.ts";
import { misused } from "../../../../core/command/args.ts";
import { type Cli, command } from "../../command.ts";
import { atMost, everyPage, limitFlag } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { stood, visible } from "../../print/text.ts";
import { nudge, printFailed, printRun, printSteps } from "../../print/workflow.ts";
import { endedWell, followRun } from "../../workflow-follow.ts";

export default command({
  args: {
    id: { type: "positional", description: "The run; all of them without.", required: false },
    follow: { type: "boolean", description: "Stay until it has ended, and show how far it is." },
    ...limitFlag,
  },
  examples: [
    "vigo cli workflow status",
    "vigo cli workflow status 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55 --follow",
  ],
  run: async ({ id, follow, limit }, cli) => {
    if (id === undefined && follow) throw misused("--follow: which run? say its ID");
    if (id === undefined) return { runs: await newest(atMost(limit), cli.call) };
    if (follow) await followRun(cli, id, false);
    return cli.call(showWorkflowRun, { params: { id } });
  },
  print: (answer, screen) => {
    const now = new Date();
    if ("runs" in answer) return printRuns(answer.runs, screen, now);
    const parts = [
      printRun(screen, answer, now),
      printSteps(screen, answer.steps, now),
      printFailed(screen, answer),
      answer.state === "waiting" ? nudge(answer.id) : "",
    ];
    return parts.filter((part) => part !== "").join("\n\n");
  },
  // Who has waited for its end wants to know how it was.
  exit: (answer, { follow }) => (follow && !("runs" in answer) && !endedWell(answer) ? 1 : 0),
});

const newest = (most: number, call: Cli["call"]): Promise<readonly WorkflowRun[]> =>
  everyPage<WorkflowRun>(async (cursor) => {
    const query = { limit: Math.min(most, 1000), ...(cursor === undefined ? {} : { cursor }) };
    const page = await call(listWorkflowRuns, { params: {}, query });
    return { rows: page.runs, cursor: page.cursor };
  }, most);

const printRuns = (
  runs: readonly WorkflowRun[],
  screen: Parameters<typeof table>[0],
  now: Date,
): string =>
  table(
    screen,
    ["RUN", "WORKFLOW", "STATE", "BEGUN", "BY", "FOR", "WHY"],
    runs.map(({ id, workflow, state, created_at, actor, asked, reason = "" }) => [
      id,
      visible(workflow),
      stood(screen, state),
      relative(created_at, now),
      visible(actor),
      visible(asked.join(" ")),
      visible(reason.length > 80 ? `${reason.slice(0, 80)}…` : reason),
    ]),
    "No runs.",
  );
