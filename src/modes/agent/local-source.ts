/**
 * The files that `apply` was given: a stacks tree, or one configcrate with what stands around it. Must not know what they say.
 */
import * as files from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { VigoError } from "../../core/errors.ts";
import { loadTree } from "../../core/policy/load.ts";
import type { Tree } from "../../core/policy/model.ts";
import { type Problem, printProblem } from "../../core/problem.ts";
import { ifThere } from "../../core/publish/errno.ts";

export interface LocalSource {
  readonly tree: Tree;
  /** The file that was named, when it was one: only its own configcrates are applied. */
  readonly own?: string;
}

/** Rejects with `missing` when there is nothing, with `failed` for what cannot be a tree. */
export async function localSource(source: string): Promise<LocalSource> {
  const stat = await ifThere(files.stat(source));
  if (stat === undefined)
    throw new VigoError("missing", `${source} is not there`, {
      hint: "name a stacks tree or a configcrate's file",
    });
  return stat.isDirectory() ? { tree: await wholeTree(source) } : oneCrate(resolve(source));
}

async function wholeTree(root: string): Promise<Tree> {
  const { tree, problems } = await loadTree(files, root);
  if (problems.length > 0) throw wrong(problems);
  return tree;
}

/**
 * A file below some `configcrates/` has its neighbours and templates at hand, as in its stacks tree; another one has the
 * `templates/` beside it.
 */
async function oneCrate(path: string): Promise<LocalSource> {
  const root = rootOf(path);
  const own = root === undefined ? `configcrates/${basename(path)}` : path.slice(root.length + 1);
  const around = new Map<string, Uint8Array>();
  const beside = root ?? dirname(path);
  for (const folder of root === undefined ? ["templates"] : ["configcrates", "templates"]) {
    if ((await ifThere(files.stat(join(beside, folder)))) === undefined) continue;
    const { files: found } = await wholeTree(join(beside, folder));
    for (const [name, bytes] of found) around.set(`${folder}/${name}`, bytes);
  }
  around.set(own, await files.readFile(path));
  return { tree: { files: around }, own };
}

/** The folder that holds `configcrates/`, when the file is below one. */
function rootOf(path: string): string | undefined {
  const at = path.lastIndexOf("/configcrates/");
  return at <= 0 ? undefined : path.slice(0, at);
}

export function wrong(problems: readonly Problem[]): VigoError {
  const [first] = problems;
  const title = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  return new VigoError(
    "failed",
    first === undefined
      ? "this policy cannot be applied"
      : `${title} in the policy\n${problems.map(printProblem).join("\n")}`,
  );
}
