/** Publishes checked stacks on a server elsewhere, which checks them again. Must not know how it is told. */
import { configStatus } from "../../core/api/config.ts";
import { publishConfig } from "../../core/api/publish.ts";
import type { Answer } from "../../core/api/endpoint.ts";
import { packTree } from "../../core/publish/archive.ts";
import type { Call } from "./client.ts";
import { baseOf, gitCommit, hasBase, rememberBase } from "./origin.ts";
import { type Progress, sending } from "./progress.ts";
import type { Checked } from "./stacks.ts";
import type { Staging } from "./staging.ts";

export interface Upload extends Staging {
  readonly message: string;
  readonly source: string;
  readonly yes: boolean;
  readonly replace: boolean;
  readonly skip_url_checks: boolean;
  readonly force?: string | undefined;
}

export async function uploadStacks(
  call: Call,
  { folder, tree }: Pick<Checked, "folder" | "tree">,
  { force, ...more }: Upload,
  progress: Pick<Progress, "at">,
): Promise<Answer<typeof publishConfig>> {
  const { in_force: live } = await call(configStatus, { params: {} });
  const [commit, base] = [gitCommit(folder), await baseOf(folder, live)];
  const body = {
    ...more,
    tree: packTree(tree),
    ...(commit === undefined ? {} : { git_commit: commit }),
    ...(base === undefined ? {} : { base }),
    ...(force === undefined ? {} : { force }),
  };
  const done = await call(publishConfig, { params: {}, body }, sending(progress));
  // Where git vouches for the next publish, no file is needed.
  const vouched = commit !== undefined && !commit.endsWith("-dirty");
  if (done.digest !== undefined && (!vouched || (await hasBase(folder))))
    await rememberBase(folder, done.digest);
  return done;
}
