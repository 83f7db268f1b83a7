/** `vigo cli config dedup` */
import { duplicatesIn } from "../../../../core/policy/duplicates.ts";
import { command } from "../../command.ts";
import { policyIn } from "../../policy-in.ts";
import { many } from "../../print/problems.ts";
import { visible } from "../../print/text.ts";
import { checkStacks, homeOf, stacksFlag, stacksFolder } from "../../stacks.ts";

export default command({
  args: stacksFlag,
  examples: ["vigo cli config dedup"],
  run: async ({ stacks }, { wanted, screen }) => {
    const checked = await checkStacks(screen, stacksFolder(stacks, wanted), homeOf(wanted));
    return { duplicates: duplicatesIn(policyIn(checked, screen)) };
  },
  print: ({ duplicates }) => {
    if (duplicates.length === 0) return "No resource stands in the stacks twice.";
    const groups = duplicates.map(({ type, resources }) =>
      [
        `${many(resources.length, "time")} the same ${type}`,
        ...resources.map(
          ({ name, place }) => `  ${visible(name)}  ${visible(place.file)}:${place.line}`,
        ),
      ].join("\n"),
    );
    return [...groups, "Put each into one configcrate, and include that by a role."].join("\n\n");
  },
});
