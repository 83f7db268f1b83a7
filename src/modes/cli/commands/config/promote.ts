/** `vigo cli config promote CRATE FROM TO` */
import { misused } from "../../../../core/command/args.ts";
import { VigoError } from "../../../../core/errors.ts";
import { promoted } from "../../../../core/policy/promote.ts";
import { command } from "../../command.ts";
import { policyIn } from "../../policy-in.ts";
import { printFileDiff } from "../../print/file-diff.ts";
import { visible } from "../../print/text.ts";
import { folderOf } from "../../remote.ts";
import { checkStacks, homeOf, stacksFlag } from "../../stacks.ts";
import { brokenBy, diffOf, printBroken, putText } from "../../stacks-edit.ts";

export default command({
  args: {
    crate: { type: "positional", description: "The configcrate." },
    from: { type: "positional", description: "The environment that has it right." },
    to: { type: "positional", description: "The environment that shall treat it alike." },
    ...stacksFlag,
    "dry-run": { type: "boolean", description: "Only show what would be written." },
  },
  examples: ["vigo cli config promote nginx staging production"],
  run: async ({ crate, from, to, stacks, "dry-run": dry }, cli) => {
    if (from === to) throw misused("FROM and TO are the same environment");
    const home = homeOf(cli.wanted);
    const checked = await checkStacks(cli.screen, folderOf(stacks, cli), home);
    const texts = promoted(checked.tree, policyIn(checked, cli.screen), { crate, from, to });
    const broken = await brokenBy(cli.screen, checked, home, texts);
    if (broken.length > 0) {
      cli.screen.err(printBroken(cli.screen, broken));
      throw new VigoError("failed", `${to} cannot have ${crate} as ${from} has it`, {
        hint: "nothing was written",
      });
    }
    const was = (file: string) => new TextDecoder().decode(checked.tree.files.get(file));
    const files = [...texts].map(([file, text]) => diffOf(file, was(file), text));
    if (!dry)
      for (const [file, text] of texts) await putText(checked.folder, file, was(file), text);
    return { crate, from, to, stacks: checked.folder, written: !dry, files };
  },
  print: ({ crate, from, to, stacks, written, files }, screen) => {
    if (files.length === 0) return visible(`${to} treats ${crate} as ${from} does already.`);
    const verdict = written
      ? `Written in ${stacks}; \`vigo cli config plan\` shows what it changes, \`vigo cli publish\` makes it live.`
      : "Nothing was written: this was a dry run.";
    return [...files.map((file) => printFileDiff(screen, file)), visible(verdict)].join("\n\n");
  },
});
