/** The stages of a step that publishes, as `vigo cli publish` takes them. Must not know files. */
import { VigoError } from "../errors.ts";
import { readPlan, type RolloutPlan, type WrittenPlan } from "../rollout/plan.ts";

type Stages =
  { readonly plan: RolloutPlan } | { readonly message: string; readonly hint: string | undefined };

/** What is wrong is said in the words of a file. */
export function stagesOf(written: WrittenPlan): Stages {
  try {
    return { plan: readPlan(written) };
  } catch (error) {
    if (!(error instanceof VigoError)) throw error;
    const message = error.message.replace(/^--([a-z-]+)/, (_, flag: string) =>
      flag.replaceAll("-", "_"),
    );
    return { message, hint: error.hint };
  }
}
