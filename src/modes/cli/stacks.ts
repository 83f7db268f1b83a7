/**
 * The stacks of a server on this very machine, checked by the server's own rules, with the server up or down. Must not know
 * what is done with the result.
 */
import files from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Args } from "../../core/command/args.ts";
import { examineTree } from "../../core/policy-tests/examine.ts";
import type { TestResult } from "../../core/policy-tests/run.ts";
import { loadTree } from "../../core/policy/load.ts";
import type { Registries, Tree } from "../../core/policy/model.ts";
import type { Policy } from "../../core/policy/policy.ts";
import type { Problem } from "../../core/problem.ts";
import { resources } from "../../core/resources/index.ts";
import { traits } from "../../core/traits/index.ts";
import { defaultHome, type Wanted } from "./flags.ts";

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

/** Every problem at once. Rejects with `missing` when there is no such folder. */
export async function checkStacks(folder: string): Promise<Checked> {
  const { tree, problems } = await loadTree(files, folder);
  const examined = examineTree(tree, registries);
  return { folder, tree, ...examined, problems: [...problems, ...examined.problems] };
}
