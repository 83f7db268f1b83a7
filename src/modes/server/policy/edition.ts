/** One published version, read and compiled. Must not know envoys. */
import files from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";
import type { Tree } from "../../../core/policy/model.ts";
import type { Policy } from "../../../core/policy/policy.ts";
import { type Problem, printProblem } from "../../../core/problem.ts";
import { type Live, type Manifest, readLive } from "../../../core/publish/live.ts";
import { formerOf } from "../../../core/publish/rollback.ts";
import type { Workshop } from "./workshop.ts";

export interface Edition {
  readonly manifest: Manifest;
  readonly tree: Tree;
  readonly policy: Policy;
  /** What a newer, stricter server finds fault with; it is enforced all the same (docs/design/design.md §11). */
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Undefined before the first publish. Rejects with `failed` for what is damaged or structurally wrong, naming each place. */
export async function readEdition(home: string, workshop: Workshop): Promise<Edition | undefined> {
  const live = await readLive(files, home);
  return live && compiled(live, workshop);
}

/** What was live before a version. Rejects with `missing` when it is not kept any more. */
export const readFormer = async (
  home: string,
  manifest: Manifest,
  workshop: Workshop,
): Promise<Edition> => compiled(await formerOf(files, home, manifest), workshop);

async function compiled(live: Live, workshop: Workshop): Promise<Edition> {
  const { policy, problems, warnings } = await workshop.compile(live.tree);
  if (policy === undefined) throw unusable(live.manifest, problems);
  return { ...live, policy, problems, warnings };
}

function unusable({ version }: Manifest, problems: readonly Problem[]): VigoError {
  const list = problems.map(printProblem).join("\n");
  return new VigoError("failed", `policy version ${version} cannot be used:\n${list}`, {
    hint: "mend stacks/ and publish again, or point .live to an older version",
  });
}
