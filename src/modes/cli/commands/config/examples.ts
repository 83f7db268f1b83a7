/** `vigo cli config examples list` and `vigo cli config examples copy NAME` */
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { misused } from "../../../../core/command/args.ts";
import { VigoError } from "../../../../core/errors.ts";
import { ifThere } from "../../../../core/publish/errno.ts";
import { command } from "../../command.ts";
import { type Example, exampleNamed, examples } from "../../examples/index.ts";
import { many } from "../../print/problems.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    action: { type: "positional", description: "`list`, or `copy` one." },
    name: { type: "positional", description: "The example to copy.", required: false },
    to: {
      type: "string",
      description: "A folder that is empty or not there yet, else ./NAME.",
      valueHint: "FOLDER",
    },
  },
  examples: ["vigo cli config examples list", "vigo cli config examples copy base-hardening"],
  run: async ({ action, name, to }) => {
    if (action === "list" && name === undefined && to === undefined)
      return { examples: examples.map(listed) };
    if (action !== "copy")
      throw misused("it is `config examples list` or `config examples copy NAME`");
    if (name === undefined) throw misused("which example? `config examples list` shows them");
    const example = exampleNamed(name);
    const folder = resolve(to ?? name);
    await copied(example, folder);
    return { copied: listed(example), folder };
  },
  print: (done, screen) => {
    if (!("copied" in done)) {
      const rows = done.examples.map((each) => [each.name, each.title, each.for]);
      return table(screen, ["NAME", "", "FOR"], rows, "There are no examples.");
    }
    const { copied: example, folder } = done;
    return visible(
      `${many(example.files.length, "file")} in ${folder}. Read README.md there, then: vigo cli config test --stacks ${folder}`,
    );
  },
});

const listed = ({ name, title, for: audience, files }: Example) => ({
  name,
  title,
  for: audience,
  files: [...files.keys()],
});

/** Nothing that is there is overwritten. */
async function copied({ files }: Example, folder: string): Promise<void> {
  const there = (await ifThere(readdir(folder))) ?? [];
  if (there.length > 0)
    throw new VigoError("conflict", `${folder} is not empty`, {
      hint: "--to names another folder",
    });
  for (const [file, text] of files) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
  }
}
