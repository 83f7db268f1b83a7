/** `vigo cli workflow run NAME` */
import { startWorkflow } from "../../../../core/api/workflows.ts";
import { type Given, misused } from "../../../../core/command/args.ts";
import { jsonFlag } from "../../../../core/command/command.ts";
import type { Screen } from "../../../../core/command/screen.ts";
import type { Answer } from "../../../../core/api/endpoint.ts";
import { command } from "../../command.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";
import { printSteps } from "../../print/workflow.ts";
import { endedWell, followRun, printEnd } from "../../workflow-follow.ts";

const args = {
  name: { type: "positional", description: "The workflow, as it is published." },
  target: {
    type: "string",
    description:
      "Who, in place of what its file says: hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where: CONDITION`; may be given again.",
    valueHint: "WHO",
    many: true,
  },
  param: {
    type: "string",
    description: "A value for one of its parameters; may be given again.",
    valueHint: "NAME=VALUE",
    many: true,
  },
  "dry-run": {
    type: "boolean",
    description: "Only tell who would be in which batch, and the steps.",
  },
  follow: {
    type: "boolean",
    description: "Stay until it has ended, and show how far it is.",
    default: true,
  },
  json: { ...jsonFlag.json, description: "Print what happens as JSON, one event a line." },
} as const;

export default command({
  args,
  examples: [
    "vigo cli workflow run upgrade --target @webserver --param package=nginx",
    "vigo cli workflow run upgrade --dry-run",
  ],
  run: async (given, cli) => {
    const { name } = given;
    const answer = await cli.call(startWorkflow, { params: { name }, body: wish(given) });
    const { run } = answer;
    if (run === undefined) return planned(answer, given.json, cli.screen);
    if (!given.follow) {
      const said = given.json
        ? JSON.stringify(run)
        : `run ${run.id}; vigo cli workflow status ${run.id}`;
      cli.screen.out(said);
      return 0;
    }
    if (!given.json) cli.screen.err(`run ${run.id}; vigo cli workflow abort ${run.id}`);
    const ended = await followRun(cli, run.id, given.json);
    if (!given.json) printEnd(cli.screen, ended);
    return endedWell(ended) ? 0 : 1;
  },
  exit: (code) => code,
});

const wish = (given: Given<typeof args>) => ({
  targets: [...given.target],
  params: Object.fromEntries(given.param.map(pair)),
  dry_run: given["dry-run"],
});

function pair(written: string): readonly [string, string] {
  const at = written.indexOf("=");
  if (at < 1) throw misused(`--param ${written}: write NAME=VALUE`);
  return [written.slice(0, at), written.slice(at + 1)];
}

function planned(
  { plan, steps }: Answer<typeof startWorkflow>,
  json: boolean,
  screen: Screen,
): number {
  if (json) screen.out(JSON.stringify({ plan, steps }));
  else {
    const rows = plan.map(({ hostname, batch }) => [visible(hostname), String(batch)]);
    screen.out(table(screen, ["HOSTNAME", "BATCH"], rows, ""));
    screen.out("");
    screen.out(printSteps(screen, steps, new Date()));
  }
  return 0;
}
