/** `vigo cli config diff A [B]` */
import files from "node:fs/promises";
import { loadTree } from "../../../../core/policy/load.ts";
import type { Tree } from "../../../../core/policy/model.ts";
import { unifiedDiff } from "../../../../core/text/diff.ts";
import { type Cli, command } from "../../command.ts";
import { painted, visible } from "../../print/text.ts";
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
    return changed
      .map(({ file, change, diff }) => {
        const head = painted(screen, "bold", `${change} ${visible(file)}`);
        if (diff === undefined) return `${head}\n  (no text, or too long to compare)`;
        const lines = diff.replace(/\n$/, "").split("\n");
        return [head, ...lines.map((line) => coloured(screen, line))].join("\n");
      })
      .join("\n\n");
  },
});

async function treeOf(named: string, stacks: string | undefined, cli: Cli): Promise<Tree> {
  if (named !== "stacks") return (await versionTree(cli, named)).tree;
  return (await loadTree(files, folderOf(stacks, cli))).tree;
}

interface FileDiff {
  readonly file: string;
  readonly change: "added" | "removed" | "changed";
  readonly diff?: string;
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

const paints = { "+": "green", "-": "red", "@": "cyan" } as const;

function coloured(screen: Parameters<typeof painted>[0], line: string): string {
  const sign = line[0] ?? "";
  const text = visible(line);
  return sign === "+" || sign === "-" || sign === "@" ? painted(screen, paints[sign], text) : text;
}
