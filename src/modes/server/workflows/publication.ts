/**
 * A step that publishes the stacks of this host, once: which version that was, is in the source of that version. Must not know how a
 * version is made, nor how it spreads.
 */
import { asVigoError } from "../../../core/errors.ts";
import type { RolloutPlan } from "../../../core/rollout/plan.ts";
import type { PinnedStep } from "../../../core/workflows/workflow.ts";
import { good, type Outcome } from "./outcome.ts";
import type { Work } from "./perform.ts";

/** How far a version is: on its way, at everyone, or why it came no further. */
export type Spread = "going on" | "done" | { readonly why: string };

export interface Publications {
  /** The version that was published from there; undefined: none was. */
  find(source: string): Promise<number | undefined>;
  /** The version, nothing when what is there is live already, or why it was refused. Rejects with `conflict` while it cannot be done. */
  publish(what: {
    readonly source: string;
    readonly actor: string;
    readonly message: string;
    readonly replace: boolean;
    readonly rollout?: RolloutPlan;
  }): Promise<{ readonly version: number } | { readonly refused: string } | undefined>;
  spread(version: number): Promise<Spread>;
}

/** While another publish goes on. */
const patienceMs = 120_000;

export async function publish(
  work: Work<PinnedStep & { readonly kind: "publish" }>,
): Promise<Outcome | undefined> {
  const { publications, run, step, begun, now } = work;
  const scratch = run.scratch(begun.key);
  const source = `workflow ${run.row.workflow}, run ${run.id}, step ${begun.key}`;
  const isOver = now() >= begun.startedAt + step.timeoutMs;
  const isLate = now() >= begun.startedAt + Math.min(patienceMs, step.timeoutMs);
  let version = scratch.numbers.get(source) ?? (await publications.find(source));
  if (version === undefined) {
    const made = await attempt(work, source);
    if (made === undefined) return good;
    if ("refused" in made) return broken("failed", made.refused);
    if ("later" in made) return isLate ? broken("failed", made.later) : undefined;
    version = made.version;
  }
  scratch.numbers.set(source, version);
  if (step.rollout === undefined) return good;
  const spread = await publications.spread(version);
  if (spread === "done") return good;
  if (spread !== "going on") return broken("failed", `version ${version}: ${spread.why}`);
  return isOver ? broken("timed out", `version ${version} has not reached everyone`) : undefined;
}

const broken = (state: "failed" | "timed out", why: string): Outcome => ({
  failures: [],
  broken: { state, why },
});

async function attempt(
  { publications, run, step }: Work<PinnedStep & { readonly kind: "publish" }>,
  source: string,
): Promise<Awaited<ReturnType<Publications["publish"]>> | { readonly later: string }> {
  const { message: said, replace, rollout } = step;
  const message = said === "" ? `workflow ${run.row.workflow}` : said;
  try {
    const what = { source, actor: run.row.actor, message, replace };
    return await publications.publish(rollout === undefined ? what : { ...what, rollout });
  } catch (caught) {
    const error = asVigoError(caught);
    if (error.failure === "conflict") return { later: error.message };
    if (error.failure === "internal") throw caught;
    return { refused: error.message };
  }
}
