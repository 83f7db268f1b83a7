/** `vigo cli config tree` */
import type { Screen } from "../../../../core/command/screen.ts";
import {
  type OverviewBlock,
  type OverviewCrate,
  overviewOf,
} from "../../../../core/policy/overview.ts";
import { command } from "../../command.ts";
import { policyIn } from "../../policy-in.ts";
import { many } from "../../print/problems.ts";
import { painted, visible } from "../../print/text.ts";
import { checkStacks, homeOf, stacksFlag, stacksFolder } from "../../stacks.ts";

export default command({
  args: stacksFlag,
  examples: ["vigo cli config tree", "vigo cli config tree --stacks . --json"],
  run: async ({ stacks }, { wanted, screen }) => {
    const checked = await checkStacks(screen, stacksFolder(stacks, wanted), homeOf(wanted));
    return overviewOf(policyIn(checked, screen));
  },
  print: ({ hostcrates, idle }, screen) => {
    const blocks = hostcrates.map((block) => printBlock(block, screen));
    const rest = idle.length === 0 ? [] : [`included nowhere: ${visible(idle.join(", "))}`];
    return [...blocks, ...rest].join("\n\n") || "There are no hostcrates.";
  },
});

function printBlock(block: OverviewBlock, screen: Pick<Screen, "colour">): string {
  const { match, where, environment, roles, place, crates } = block;
  const names = match.length === 0 ? "any name" : match.join(", ");
  const head = `${painted(screen, "bold", visible(names))}  ${place.file}:${place.line}`;
  const about = [
    where === undefined ? undefined : `where ${visible(where)}`,
    environment === undefined ? undefined : `environment ${visible(environment)}`,
    roles.length === 0 ? undefined : `roles ${visible(roles.join(", "))}`,
  ].filter((line) => line !== undefined);
  const lines = crates.map(printCrate);
  return [head, ...about.map((line) => `  ${line}`), ...lines].join("\n");
}

const printCrate = ({ name, because, family, resources, place }: OverviewCrate): string =>
  `  └ ${visible(name)}  ${many(resources, "resource")}  by ${because}${family === undefined ? "" : ` on ${family}`}  ${place.file}:${place.line}`;
