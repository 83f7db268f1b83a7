/** `vigo cli config status` */
import files from "node:fs/promises";
import type { Screen } from "../../../../core/command/screen.ts";
import { asVigoError } from "../../../../core/errors.ts";
import { loadTree } from "../../../../core/policy/load.ts";
import type { Tree } from "../../../../core/policy/model.ts";
import { treeDigest } from "../../../../core/publish/digest.ts";
import { ifThere } from "../../../../core/publish/errno.ts";
import type { Manifest } from "../../../../core/publish/live.ts";
import { type Cli, command } from "../../command.ts";
import { printFreeze } from "../../print/freeze.ts";
import { relative } from "../../print/moment.ts";
import { many } from "../../print/problems.ts";
import { printRollout } from "../../print/rollout.ts";
import { painted, visible } from "../../print/text.ts";
import { folderOf, isElsewhere } from "../../remote.ts";
import { stacksFlag } from "../../stacks.ts";
import { freezeOf, type Told, toldBy } from "../../standing.ts";
import { versionTree } from "../../versions.ts";

export default command({
  args: stacksFlag,
  examples: [
    "vigo cli config status",
    "vigo cli config status --server https://HOST:8443 --stacks .",
  ],
  run: async ({ stacks }, cli) => {
    const told = await toldBy(cli);
    const [live, freeze] = [await liveOf(cli), await freezeOf(cli, told)];
    const folder = folderOf(stacks, cli);
    const isAsked = stacks !== undefined || !isElsewhere(cli) || (await holdsStacks(folder));
    const compared = isAsked ? await comparison(folder, live?.tree) : {};
    return {
      live: live?.manifest,
      ...(freeze === undefined ? {} : { freeze }),
      ...(told === undefined ? {} : { fleet: fleetOf(told, live?.manifest) }),
      ...compared,
    };
  },
  print: (status, screen) => {
    const now = new Date();
    const { live, freeze, fleet } = status;
    const said =
      live === undefined
        ? "Nothing was published yet."
        : `Live is version ${live.version}, published ${relative(live.published_at, now)} by ${visible(live.actor)}.`;
    const lines = [
      said,
      ...(freeze === undefined ? [] : [printFreeze(screen, freeze)]),
      ...(fleet === undefined ? [] : printFleet(screen, fleet, now)),
      ...printChanges(screen, status),
    ];
    return lines.join("\n");
  },
});

/** Undefined before the first publish. */
async function liveOf(cli: Cli): Promise<Awaited<ReturnType<typeof versionTree>> | undefined> {
  try {
    return await versionTree(cli, "live");
  } catch (caught) {
    if (asVigoError(caught).failure !== "missing") throw caught;
    return undefined;
  }
}

/** For a server elsewhere the current folder may be anything. */
async function holdsStacks(folder: string): Promise<boolean> {
  const names = (await ifThere(files.readdir(folder))) ?? [];
  return names.some((name) => name.endsWith(".vgo"));
}

/** What concerns the envoys; how a version does only while that version is the live one. */
function fleetOf(told: Told, live: Manifest | undefined) {
  const { envoys, enforcing, unresolved_count, failure, rollout } = told;
  return {
    envoys,
    enforcing,
    unresolved: unresolved_count,
    ...(failure === undefined ? {} : { failure }),
    ...(rollout === undefined || rollout.version !== live?.version ? {} : { rollout }),
  };
}

function printFleet(
  screen: Screen,
  { envoys, enforcing, unresolved, failure, rollout }: ReturnType<typeof fleetOf>,
  now: Date,
): readonly string[] {
  const cannot = unresolved === 0 ? "" : `, ${unresolved} cannot have it`;
  return [
    ...(failure === undefined
      ? []
      : [`${painted(screen, "red", "It is not in force")}: ${visible(failure)}`]),
    ...(envoys === 0 ? [] : [`${enforcing} of ${many(envoys, "envoy")} enforce it${cannot}.`]),
    ...(rollout === undefined ? [] : [printRollout(screen, rollout, now)]),
  ];
}

interface Comparison {
  readonly stacks?: string;
  readonly digest?: string;
  readonly changes?: readonly FileChange[];
}

async function comparison(folder: string, live: Tree | undefined): Promise<Comparison> {
  const { tree } = await loadTree(files, folder);
  return { stacks: folder, digest: treeDigest(tree), changes: compared(live, tree) };
}

function printChanges(screen: Screen, { stacks, changes }: Comparison): readonly string[] {
  if (stacks === undefined || changes === undefined) return [];
  if (changes.length === 0) return [`${stacks} is the same.`];
  const lines = changes.map(({ file, change }) => {
    const paint = ({ added: "green", removed: "red", changed: "yellow" } as const)[change];
    return `  ${painted(screen, paint, change.padEnd(7))}  ${visible(file)}`;
  });
  return [`${stacks} differs; vigo cli publish makes it live:`, ...lines];
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
