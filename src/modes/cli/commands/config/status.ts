/** `vigo cli config status` */
import files from "node:fs/promises";
import { loadTree } from "../../../../core/policy/load.ts";
import type { Tree } from "../../../../core/policy/model.ts";
import { treeDigest } from "../../../../core/publish/digest.ts";
import { readLive } from "../../../../core/publish/live.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { painted, visible } from "../../print/text.ts";
import { homeOf, stacksFlag, stacksFolder } from "../../stacks.ts";

export default command({
  args: stacksFlag,
  run: async ({ stacks }, { wanted }) => {
    const folder = stacksFolder(stacks, wanted);
    const { tree } = await loadTree(files, folder);
    const live = await readLive(files, homeOf(wanted));
    return {
      stacks: folder,
      digest: treeDigest(tree),
      live: live?.manifest,
      changes: compared(live?.tree, tree),
    };
  },
  print: ({ stacks, live, changes }, screen) => {
    const head =
      live === undefined
        ? "Nothing was published yet."
        : `Live is version ${live.version}, published ${relative(live.published_at, new Date())} by ${visible(live.actor)}.`;
    if (changes.length === 0) return `${head}\n${stacks} is the same.`;
    const lines = changes.map(({ file, change }) => {
      const paint = ({ added: "green", removed: "red", changed: "yellow" } as const)[change];
      return `  ${painted(screen, paint, change.padEnd(7))}  ${visible(file)}`;
    });
    return [head, `${stacks} differs; vigo cli publish makes it live:`, ...lines].join("\n");
  },
});

interface FileChange {
  readonly file: string;
  readonly change: "added" | "removed" | "changed";
}

function compared(live: Tree | undefined, stacks: Tree): readonly FileChange[] {
  const before = live?.files ?? new Map<string, Uint8Array>();
  const here = [...stacks.files].flatMap(([file, bytes]): readonly FileChange[] => {
    const old = before.get(file);
    if (old === undefined) return [{ file, change: "added" }];
    return Buffer.compare(old, bytes) === 0 ? [] : [{ file, change: "changed" }];
  });
  const gone = [...before.keys()].filter((file) => !stacks.files.has(file));
  return [...here, ...gone.map((file) => ({ file, change: "removed" }) as const)];
}
