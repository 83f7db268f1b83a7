/** `vigo cli config status` */
import files from "node:fs/promises";
import { configStatus } from "../../../../core/api/config.ts";
import { asVigoError } from "../../../../core/errors.ts";
import { loadTree } from "../../../../core/policy/load.ts";
import type { Tree } from "../../../../core/policy/model.ts";
import { treeDigest } from "../../../../core/publish/digest.ts";
import { readLive } from "../../../../core/publish/live.ts";
import type { Call } from "../../client.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { printRollout, type ShownRollout } from "../../print/rollout.ts";
import { painted, visible } from "../../print/text.ts";
import { homeOf, stacksFlag, stacksFolder } from "../../stacks.ts";

export default command({
  args: stacksFlag,
  run: async ({ stacks }, { wanted, callHome }) => {
    const folder = stacksFolder(stacks, wanted);
    const { tree } = await loadTree(files, folder);
    const live = await readLive(files, homeOf(wanted));
    const rollout = live && (await rolloutOf(callHome, live.manifest.version));
    return {
      stacks: folder,
      digest: treeDigest(tree),
      live: live?.manifest,
      ...(rollout === undefined ? {} : { rollout }),
      changes: compared(live?.tree, tree),
    };
  },
  print: ({ stacks, live, rollout, changes }, screen) => {
    const now = new Date();
    const said =
      live === undefined
        ? "Nothing was published yet."
        : `Live is version ${live.version}, published ${relative(live.published_at, now)} by ${visible(live.actor)}.`;
    const head = rollout === undefined ? said : `${said}\n${printRollout(screen, rollout, now)}`;
    if (changes.length === 0) return `${head}\n${stacks} is the same.`;
    const lines = changes.map(({ file, change }) => {
      const paint = ({ added: "green", removed: "red", changed: "yellow" } as const)[change];
      return `  ${painted(screen, paint, change.padEnd(7))}  ${visible(file)}`;
    });
    return [head, `${stacks} differs; vigo cli publish makes it live:`, ...lines].join("\n");
  },
});

/** Undefined: nobody watches it, or the server does not say. */
async function rolloutOf(call: Call, version: number): Promise<ShownRollout | undefined> {
  try {
    const { rollout } = await call(configStatus, { params: {} });
    return rollout?.version === version ? rollout : undefined;
  } catch (caught) {
    if (asVigoError(caught).failure === "internal") throw caught;
    return undefined;
  }
}

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
