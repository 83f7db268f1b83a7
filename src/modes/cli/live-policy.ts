/** The policy that was published on this host, made of its tree again. Must not know what is asked of it. */
import { compiling } from "../../core/bundle/compile.ts";
import { VigoError } from "../../core/errors.ts";
import type { Tree } from "../../core/policy/model.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { inSteps, type Progress } from "./progress.ts";
import { registries } from "./stacks.ts";

type Watching = Pick<Progress, "at">;

/** Undefined where this program finds fault with it. */
export const livePolicyIn = async (tree: Tree, progress: Watching): Promise<Policy | undefined> =>
  (await inSteps(compiling(tree, registries), progress)).policy;

/** Rejects with `failed` where this program finds fault with it. */
export async function soundPolicyIn(tree: Tree, progress: Watching): Promise<Policy> {
  const { policy, problems } = await inSteps(compiling(tree, registries), progress);
  if (policy !== undefined) return policy;
  throw new VigoError("failed", `the live policy does not pass any more: ${problems[0]?.message}`, {
    hint: "publish again; `vigo cli config validate` says what to mend",
  });
}
