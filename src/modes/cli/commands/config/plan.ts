/** `vigo cli config plan` */
import { command } from "../../command.ts";
import { planFlags, planStacks } from "../../plan.ts";
import { printPlan } from "../../print/plan.ts";
import { counted, printFindings } from "../../print/problems.ts";
import { painted } from "../../print/text.ts";
import { callOf, folderOf } from "../../remote.ts";
import { checkStacks, homeOf, stacksFlag } from "../../stacks.ts";
import { watchedThere } from "../../watched-there.ts";

export default command({
  args: { ...stacksFlag, ...planFlags },
  examples: [
    "vigo cli config plan",
    "vigo cli config plan --for web-1 --json",
    "vigo cli config plan --as hostname=web-9,traits=web.json",
  ],
  run: async ({ stacks, for: host, as }, cli) => {
    const folder = folderOf(stacks, cli);
    const checked = await checkStacks(cli.screen, folder, homeOf(cli.wanted));
    const { problems, warnings } = checked;
    if (problems.length > 0) return { problems, warnings, over: [], basis: "fleet" as const };
    const watching = { screen: cli.screen, call: callOf(cli), what: "plan" } as const;
    return watchedThere(watching, "planning", (progress) =>
      planStacks(cli, checked, { for: host, as }, progress),
    );
  },
  print: (planned, screen) => {
    const { problems } = planned;
    const findings = printFindings(screen, planned, "text");
    const verdict =
      problems.length > 0
        ? `${painted(screen, "red", "There is no plan")}: ${counted(planned)}`
        : printPlan(screen, planned);
    return [findings, verdict].filter((text) => text !== "").join("\n\n");
  },
  exit: ({ problems, over }) => (problems.length > 0 || over.length > 0 ? 1 : 0),
});
