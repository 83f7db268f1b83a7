/** `vigo cli config stacks pull` */
import files, { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { misused } from "../../../../core/command/args.ts";
import { VigoError } from "../../../../core/errors.ts";
import { loadTree } from "../../../../core/policy/load.ts";
import type { Tree } from "../../../../core/policy/model.ts";
import { ifThere } from "../../../../core/publish/errno.ts";
import { command } from "../../command.ts";
import { many } from "../../print/problems.ts";
import { rememberBase } from "../../origin.ts";
import { folderOf } from "../../remote.ts";
import { stacksFlag } from "../../stacks.ts";
import { versionTree } from "../../versions.ts";

export default command({
  args: {
    action: { type: "positional", description: "`pull`: fetches what is live." },
    ...stacksFlag,
    replace: { type: "boolean", description: "Also over stacks that differ." },
  },
  examples: ["vigo cli config stacks pull --stacks ./stacks"],
  run: async ({ action, stacks, replace }, cli) => {
    if (action !== "pull") throw misused(`config stacks can pull, not "${action}"`);
    const folder = folderOf(stacks, cli);
    const { manifest, tree } = await versionTree(cli, "live");
    const old = (await ifThere(readdir(folder))) === undefined ? undefined : await treeIn(folder);
    const differing = old === undefined ? [] : changedFiles(old, tree);
    if (old !== undefined && old.files.size > 0 && differing.length > 0 && !replace)
      throw new VigoError("conflict", `${folder} differs in ${many(differing.length, "file")}`, {
        hint: "vigo cli config diff live stacks shows how; --replace makes it what is live",
      });
    await write(folder, tree, old);
    await rememberBase(folder, manifest.digest);
    return { stacks: folder, version: manifest.version, files: tree.files.size };
  },
  print: ({ stacks, version, files: count }) =>
    `${stacks} is version ${version} now, ${many(count, "file")}.`,
});

/** Rejects with `failed` for what is there and is no part of any stacks: it would be lost, or in the way. */
async function treeIn(folder: string): Promise<Tree> {
  const { tree, problems } = await loadTree(files, folder);
  const [problem] = problems;
  if (problem === undefined) return tree;
  throw new VigoError("failed", `${folder}/${problem.file}: ${problem.message}`, {
    hint: "move it away, or pull into another folder with --stacks",
  });
}

function changedFiles(old: Tree, now: Tree): readonly string[] {
  const names = [...new Set([...old.files.keys(), ...now.files.keys()])];
  return names.filter((name) => {
    const [from, to] = [old.files.get(name), now.files.get(name)];
    return from === undefined || to === undefined || Buffer.compare(from, to) !== 0;
  });
}

/** New files first, so that an interruption leaves too much rather than too little. */
async function write(folder: string, tree: Tree, old: Tree | undefined): Promise<void> {
  for (const [name, bytes] of tree.files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
  for (const name of old?.files.keys() ?? [])
    if (!tree.files.has(name)) await rm(join(folder, name), { force: true });
}
