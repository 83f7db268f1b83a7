/**
 * The stacks of a server on this very machine, checked by the server's own rules, with the server up or down. Must not know
 * what is done with the result.
 */
import files from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Args } from "../../core/command/args.ts";
import type { Screen } from "../../core/command/screen.ts";
import { examining } from "../../core/policy-tests/examine.ts";
import type { TestResult } from "../../core/policy-tests/run.ts";
import { loadTree } from "../../core/policy/load.ts";
import type { Registries, Tree } from "../../core/policy/model.ts";
import type { Policy } from "../../core/policy/policy.ts";
import type { Problem } from "../../core/problem.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { resources } from "../../core/resources/index.ts";
import { secretPathOf } from "../../core/secret-path.ts";
import { traits } from "../../core/traits/index.ts";
import { defaultHome, type Wanted } from "./flags.ts";
import { inSteps, watched } from "./progress.ts";

export const stacksFlag = {
  stacks: {
    type: "string",
    description: "The tree to look at, else HOME/stacks.",
    valueHint: "FOLDER",
  },
} as const satisfies Args;

export const registries: Registries = { resources, traits };

export interface Checked {
  readonly folder: string;
  readonly tree: Tree;
  /** Absent when the text itself is at fault. */
  readonly policy?: Policy;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** Its policy tests; those that fail are among the problems too. */
  readonly tests: readonly TestResult[];
}

export const homeOf = ({ home }: Wanted): string => resolve(home ?? defaultHome);

export const stacksFolder = (stacks: string | undefined, wanted: Wanted): string =>
  stacks === undefined ? join(homeOf(wanted), "stacks") : resolve(stacks);

/** Of the server on this host, up or down; undefined where there is none, and then no secret is missed. */
async function secretNames(home: string): Promise<ReadonlySet<string> | undefined> {
  const names = await ifThere(files.readdir(join(home, "secrets")));
  return names && new Set(names.flatMap((name) => secretPathOf(name) ?? []));
}

/**
 * Every problem at once; `home` is where the secrets of this host's server are, `edits` texts that files would have. Where it takes
 * long, who watches sees how far it is. Rejects with `missing` when there is no such folder.
 */
export const checkStacks = (
  screen: Screen,
  folder: string,
  home: string,
  edits?: ReadonlyMap<string, string>,
): Promise<Checked> =>
  watched(screen, `checking ${folder}`, async (progress) => {
    const { tree: read, problems } = await loadTree(files, folder);
    const tree = edits === undefined ? read : edited(read, edits);
    const secrets = await secretNames(home);
    const steps = examining(tree, { ...registries, ...(secrets && { secrets }) });
    const examined = await inSteps(steps, progress);
    return { folder, tree, ...examined, problems: [...problems, ...examined.problems] };
  });

/** In the same order: a tree has the one of its paths. */
const edited = ({ files: read }: Tree, edits: ReadonlyMap<string, string>): Tree => ({
  files: new Map(
    [...read].map(([file, bytes]) => {
      const text = edits.get(file);
      return [file, text === undefined ? bytes : new TextEncoder().encode(text)];
    }),
  ),
});
