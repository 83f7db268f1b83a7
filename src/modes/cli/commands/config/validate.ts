/** `vigo cli config validate` */
import { command } from "../../command.ts";
import { counted, formats, many, printFindings } from "../../print/problems.ts";
import { painted } from "../../print/text.ts";
import { checkStacks, homeOf, stacksFlag, stacksFolder } from "../../stacks.ts";

export default command({
  args: {
    ...stacksFlag,
    format: {
      type: "enum",
      description: "How problems are printed.",
      options: formats,
      default: "text",
    },
  },
  examples: ["vigo cli config validate", "vigo cli config validate --stacks . --format github"],
  run: async ({ stacks }, { wanted, screen }) => {
    const folder = stacksFolder(stacks, wanted);
    const checked = await checkStacks(screen, folder, homeOf(wanted));
    const { problems, warnings, tree } = checked;
    return { stacks: folder, files: tree.files.size, problems, warnings };
  },
  print: (found, screen, { format }) => {
    if (format !== "text") return printFindings(screen, found, format);
    const good = found.problems.length === 0;
    const verdict = good
      ? `${painted(screen, "green", "good")}: ${many(found.files, "file")}, ${many(found.warnings.length, "warning")}`
      : `${counted(found)} in ${found.stacks}`;
    return [printFindings(screen, found, format), verdict]
      .filter((text) => text !== "")
      .join("\n\n");
  },
  exit: ({ problems }) => (problems.length === 0 ? 0 : 1),
});
