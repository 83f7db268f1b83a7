/** `vigo cli config edit NAME` */
import type { Screen } from "../../../../core/command/screen.ts";
import { VigoError } from "../../../../core/errors.ts";
import { fileOf } from "../../../../core/policy/named-file.ts";
import type { Problem } from "../../../../core/problem.ts";
import { command } from "../../command.ts";
import { type Draft, draftOf } from "../../editor.ts";
import { printFileDiff } from "../../print/file-diff.ts";
import { visible } from "../../print/text.ts";
import { folderOf } from "../../remote.ts";
import { type Checked, checkStacks, homeOf, stacksFlag } from "../../stacks.ts";
import { brokenBy, diffOf, printBroken, putText } from "../../stacks-edit.ts";

export default command({
  args: {
    name: {
      type: "positional",
      description: "A configcrate, usercrate, role, environment or policy test, or a file.",
    },
    ...stacksFlag,
  },
  examples: ["vigo cli config edit nginx", "vigo cli config edit templates/site.conf.liquid"],
  run: async ({ name, stacks }, cli) => {
    const home = homeOf(cli.wanted);
    const checked = await checkStacks(cli.screen, folderOf(stacks, cli), home);
    const file = fileOf(name, checked.tree, checked.policy);
    const before = textIn(checked, file);
    const draft = await draftOf(file, before, cli.env);
    try {
      const after = await agreed(draft, cli.screen, (text) =>
        brokenBy(cli.screen, checked, home, new Map([[file, text]])),
      );
      if (after !== before) await putText(checked.folder, file, before, after);
      return { stacks: checked.folder, changed: after !== before, ...diffOf(file, before, after) };
    } finally {
      await draft.discard();
    }
  },
  print: ({ stacks, changed, ...file }, screen) =>
    changed
      ? `${printFileDiff(screen, file)}\n\n${visible(`Written in ${stacks}; \`vigo cli publish\` makes it live.`)}`
      : visible(`${file.file} is as it was.`),
});

/** Bytes that are no text would be damaged by an editor. */
function textIn({ tree }: Checked, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(tree.files.get(file));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new VigoError("invalid", `${file} is no text`, { cause });
  }
}

/** The text that breaks nothing, or that the person insists on. Rejects with `failed` when it is dropped. */
async function agreed(
  draft: Draft,
  screen: Screen,
  broken: (text: string) => Promise<readonly Problem[]>,
): Promise<string> {
  for (;;) {
    const text = await draft.edit();
    const problems = await broken(text);
    if (problems.length === 0) return text;
    screen.err(printBroken(screen, problems));
    const answer = screen.watched ? await asked() : "drop";
    if (answer === "write") return text;
    if (answer === "drop")
      throw new VigoError("failed", "the edit was dropped; the stacks are as they were");
  }
}

async function asked(): Promise<"edit" | "write" | "drop"> {
  const { readLine } = await import("../../terminal.ts");
  const answer = await readLine("Edit again, write all the same, or drop it? [E/w/d] ");
  const letter = answer.trim().toLowerCase()[0];
  return letter === "w" ? "write" : letter === "d" ? "drop" : "edit";
}
