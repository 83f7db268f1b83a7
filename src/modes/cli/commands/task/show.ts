/** `vigo cli task show ID` */
import type { Answer } from "../../../../core/api/endpoint.ts";
import { showTask } from "../../../../core/api/tasks.ts";
import { jsonFlag } from "../../../../core/command/command.ts";
import type { Screen } from "../../../../core/command/screen.ts";
import { inertJson } from "../../../../core/inert.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { facts } from "../../print/table.ts";
import { printCounts, printTargets } from "../../print/task.ts";
import { asPrinted, stood, visible } from "../../print/text.ts";
import { watchTask } from "../../task-watch.ts";

export default command({
  args: {
    id: { type: "positional", description: "The task." },
    follow: { type: "boolean", description: "Stay until it has ended, and show what is printed." },
    json: { ...jsonFlag.json, description: "Print it as JSON; with --follow one event a line." },
  },
  examples: [
    "vigo cli task show 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55",
    "vigo cli task show 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55 --follow",
  ],
  run: async ({ id, follow, json }, cli) => {
    if (follow) return watchTask(cli, id, true, json);
    const task = await cli.call(showTask, { params: { id } });
    cli.screen.out(json ? inertJson(JSON.stringify(task, undefined, 2)) : shown(task, cli.screen));
    return 0;
  },
  exit: (code) => code,
});

function shown(task: Answer<typeof showTask>, screen: Screen): string {
  const printed = task.targets
    .filter(({ output }) => output.length > 0)
    .map(({ hostname, output }) => `\n${visible(hostname)}:\n${indented(output)}`);
  return [about(task, screen), "", printTargets(screen, task.targets, true), ...printed].join("\n");
}

function about(task: Answer<typeof showTask>, screen: Screen): string {
  const { health_check: check, batch_size: size, params } = task;
  const values = Object.entries(params ?? {}).map(([name, value]) => `${name}=${value}`);
  const batches = Math.max(1, ...task.targets.map(({ batch }) => batch));
  const looked = task.checking ? ", its health is checked" : "";
  return facts([
    ["command", visible(task.command)],
    ["task", task.task === undefined ? undefined : visible([task.task, ...values].join(" "))],
    ["state", stood(screen, task.state)],
    ["why", task.reason === undefined ? undefined : visible(task.reason)],
    ["ordered", `${relative(task.created_at, new Date())} by ${visible(task.actor)}`],
    ["for", visible(task.asked.join(" "))],
    ["batch", size === undefined ? undefined : `${task.batch} of ${batches}${looked}`],
    ["health check", check === undefined ? undefined : visible(check)],
    ["nice", task.nice === undefined ? undefined : String(task.nice)],
    ["guardrails", task.force ? "lifted" : undefined],
    ["looks after", task.check_of],
    ["again", task.rerun_of],
    ["expires", task.ended_at === undefined ? task.expires_at : undefined],
    ["targets", printCounts(task.counts)],
  ]);
}

const indented = (output: readonly { readonly text: string }[]): string =>
  output
    .map(({ text }) => text)
    .join("")
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `  ${asPrinted(line)}`)
    .join("\n");
