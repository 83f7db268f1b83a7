/** `vigo cli task run CMD --target WHO` */
import type { Answer } from "../../../../core/api/endpoint.ts";
import { startTask } from "../../../../core/api/tasks.ts";
import { type Given, misused } from "../../../../core/command/args.ts";
import { jsonFlag } from "../../../../core/command/command.ts";
import type { Screen } from "../../../../core/command/screen.ts";
import { type Cli, command } from "../../command.ts";
import { table } from "../../print/table.ts";
import { isGood, printCounts, printTargets, TaskLines } from "../../print/task.ts";
import { visible } from "../../print/text.ts";
import { followToEnd } from "../../task-follow.ts";

const args = {
  command: { type: "positional", description: "For a shell, in quotes." },
  target: {
    type: "string",
    description:
      "Who runs it: hostname, UUID, pattern, @role, @environment, or `where: CONDITION`; may be given again.",
    valueHint: "WHO",
    many: true,
  },
  timeout: {
    type: "string",
    description: "How long it may take on one envoy.",
    default: "60s",
    valueHint: "TIME",
  },
  expires: {
    type: "string",
    description: "Who has not begun by then does not begin.",
    default: "1h",
    valueHint: "TIME",
  },
  "batch-size": {
    type: "string",
    description: "So many at once, the next when these have ended.",
    valueHint: "N|P%",
  },
  "max-failures": {
    type: "string",
    description: "When more have failed, no further one begins.",
    valueHint: "N|P%",
  },
  "dry-run": { type: "boolean", description: "Only tell who would run it." },
  force: {
    type: "boolean",
    description: "Although a guardrail holds the command back; that is audited.",
  },
  follow: {
    type: "boolean",
    description: "Stay until it has ended, and show what is printed.",
    default: true,
  },
  json: { ...jsonFlag.json, description: "Print what happens as JSON, one event a line." },
} as const;

export default command({
  args,
  examples: [
    "vigo cli task run 'systemctl restart nginx' --target @webserver --batch-size 10% --max-failures 2",
    `vigo cli task run uptime --target 'where: traits.os.distro == "debian"'`,
  ],
  run: async (given, cli) => {
    const { plan, task } = await cli.call(startTask, { params: {}, body: wish(given) });
    if (task === undefined) return planned(plan, given.json, cli.screen);
    return given.follow ? follow(cli, task.id, plan, given.json) : left(task.id, given.json, cli);
  },
  exit: (code) => code,
});

function wish(given: Given<typeof args>) {
  if (given.target.length === 0)
    throw misused("--target is missing: a hostname, a pattern, @role, @environment or where: …");
  const { command, timeout, expires, force } = given;
  const [batch_size, max_failures] = [given["batch-size"], given["max-failures"]];
  return {
    command,
    timeout,
    expires,
    force,
    targets: [...given.target],
    dry_run: given["dry-run"],
    ...(batch_size === undefined ? {} : { batch_size }),
    ...(max_failures === undefined ? {} : { max_failures }),
  };
}

type Plan = Answer<typeof startTask>["plan"];

function planned(plan: Plan, json: boolean, screen: Screen): number {
  const rows = plan.map(({ hostname, batch, stream }) => [
    visible(hostname),
    String(batch),
    stream ? "at once" : "after its next check-in",
  ]);
  if (json) for (const each of plan) screen.out(JSON.stringify(each));
  else screen.out(table(screen, ["HOSTNAME", "BATCH", "BEGINS"], rows, ""));
  return 0;
}

function left(id: string, json: boolean, { screen }: Cli): number {
  screen.out(json ? JSON.stringify({ id }) : `task ${id}; vigo cli task show ${id}`);
  return 0;
}

async function follow(cli: Cli, id: string, plan: Plan, json: boolean): Promise<number> {
  const { screen } = cli;
  if (!json) screen.err(`task ${id} on ${plan.length}; vigo cli task cancel ${id}`);
  const lines = new TaskLines(screen, plan.length > 1);
  const { task, targets } = await followToEnd(cli, id, (event) => {
    if (json) screen.out(JSON.stringify(event));
    else lines.heed(event);
  });
  if (!json) {
    const others = printTargets(screen, targets, false);
    if (others !== "") screen.err(others);
    screen.err(printCounts(task.counts));
  }
  return isGood(task) ? 0 : 1;
}
