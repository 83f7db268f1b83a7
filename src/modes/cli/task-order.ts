/** Orders a task as a person asked for it: the plan first, then what happens. Must not know what is run. */
import type { Answer } from "../../core/api/endpoint.ts";
import type { startTask } from "../../core/api/tasks.ts";
import type { Screen } from "../../core/command/screen.ts";
import type { Cli } from "./command.ts";
import { table } from "./print/table.ts";
import { visible } from "./print/text.ts";
import { watchTask } from "./task-watch.ts";

type Ordered = Answer<typeof startTask>;
type Plan = Ordered["plan"];

interface Asked {
  readonly dryRun: boolean;
  readonly follow: boolean;
  readonly json: boolean;
  /** Its plan is worth a look before it starts. */
  readonly "batch-size"?: string | undefined;
}

/** Gives the exit code. */
export async function orderAndWatch(
  cli: Cli,
  order: (dryRun: boolean) => Promise<Ordered>,
  asked: Asked,
): Promise<number> {
  const { screen } = cli;
  const { json } = asked;
  if (asked["batch-size"] !== undefined && !asked.dryRun && !json)
    screen.err(batches((await order(true)).plan));
  const { plan, task } = await order(asked.dryRun);
  if (task === undefined) return planned(plan, json, screen);
  if (!asked.follow) {
    screen.out(
      json ? JSON.stringify({ id: task.id }) : `task ${task.id}; vigo cli task show ${task.id}`,
    );
    return 0;
  }
  if (!json) screen.err(`task ${task.id} on ${plan.length}; vigo cli task cancel ${task.id}`);
  return watchTask(cli, task.id, plan.length > 1, json);
}

/** `12 envoys in 3 batches: 5, 5, 2` */
function batches(plan: Plan): string {
  const sizes = new Map<number, number>();
  for (const { batch } of plan) sizes.set(batch, (sizes.get(batch) ?? 0) + 1);
  const [many, all] = [[...sizes.values()], sizes.size];
  const listed = many.slice(0, 12).join(", ") + (many.length > 12 ? " …" : "");
  return `${plan.length} envoy${plan.length === 1 ? "" : "s"} in ${all} batch${all === 1 ? "" : "es"}: ${listed}`;
}

function planned(plan: Plan, json: boolean, screen: Screen): number {
  const rows = plan.map(({ hostname, batch, stream, maintenance }) => [
    visible(hostname),
    String(batch),
    `${stream ? "at once" : "after its next check-in"}${maintenance ? " (in maintenance)" : ""}`,
  ]);
  if (json) for (const each of plan) screen.out(JSON.stringify(each));
  else {
    screen.out(table(screen, ["HOSTNAME", "BATCH", "BEGINS"], rows, ""));
    screen.err(batches(plan));
  }
  return 0;
}
