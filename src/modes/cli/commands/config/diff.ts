/** `vigo cli config diff A [B]` */
import files from "node:fs/promises";
import { loadTree } from "../../../../core/policy/load.ts";
import type { Tree } from "../../../../core/policy/model.ts";
import { unifiedDiff } from "../../../../core/text/diff.ts";
import { type Cli, command } from "../../command.ts";
import { type FileDiff, printFileDiff } from "../../print/file-diff.ts";
import { folderOf } from "../../remote.ts";
import { stacksFlag } from "../../stacks.ts";
import { versionTree } from "../../versions.ts";

export default command({
  args: {
    from: { type: "positional", description: "A version, `live` or `stacks`." },
    to: { type: "positional", description: "What it is compared with.", default: "live" },
    ...stacksFlag,
  },
  examples: ["vigo cli config diff 1767225600", "vigo cli config diff live stacks"],
  run: async ({ from, to, stacks }, cli) => {
    const [old, now] = [await treeOf(from, stacks, cli), await treeOf(to, stacks, cli)];
    return { from, to, files: differing(old, now) };
  },
  print: ({ from, to, files: changed }, screen) => {
    if (changed.length === 0) return `${from} and ${to} are the same.`;
    return changed.map((one) => printFileDiff(screen, one)).join("\n\n");
  },
});

async function treeOf(named: string, stacks: string | undefined, cli: Cli): Promise<Tree> {
  if (named !== "stacks") return (await versionTree(cli, named)).tree;
  return (await loadTree(files, folderOf(stacks, cli))).tree;
}

function differing(old: Tree, now: Tree): readonly FileDiff[] {
  const names = [...new Set([...old.files.keys(), ...now.files.keys()])].sort();
  return names.flatMap((file) => {
    const [from, to] = [old.files.get(file), now.files.get(file)];
    if (from !== undefined && to !== undefined && Buffer.compare(from, to) === 0) return [];
    const change = from === undefined ? "added" : to === undefined ? "removed" : "changed";
    const diff = unifiedDiff(from, to);
    return [{ file, change, ...(diff === undefined ? {} : { diff }) } as const];
  });
}
