/** `vigo cli task show ID` */
import { showTask } from "../../../../core/api/tasks.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { facts } from "../../print/table.ts";
import { printCounts, printTargets } from "../../print/task.ts";
import { stood, visible } from "../../print/text.ts";

export default command({
  args: { id: { type: "positional", description: "The task." } },
  examples: ["vigo cli task show 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55"],
  run: ({ id }, { call }) => call(showTask, { params: { id } }),
  print: (task, screen) => {
    const about = facts([
      ["command", visible(task.command)],
      ["state", stood(screen, task.state)],
      ["why", task.reason === undefined ? undefined : visible(task.reason)],
      ["ordered", `${relative(task.created_at, new Date())} by ${visible(task.actor)}`],
      ["for", visible(task.asked.join(" "))],
      ["expires", task.ended_at === undefined ? task.expires_at : undefined],
      ["targets", printCounts(task.counts)],
    ]);
    const printed = task.targets
      .filter(({ output }) => output.length > 0)
      .map(({ hostname, output }) => `\n${visible(hostname)}:\n${indented(output)}`);
    return [about, "", printTargets(screen, task.targets, true), ...printed].join("\n");
  },
});

const indented = (output: readonly { readonly text: string }[]): string =>
  output
    .map(({ text }) => text)
    .join("")
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `  ${visible(line)}`)
    .join("\n");
