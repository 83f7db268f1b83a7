/** Every gate that a tree must pass before it is published: what `compile` looks at, and its own policy tests. */
import { compiling } from "../bundle/compile.ts";
import type { Registries, Tree } from "../policy/model.ts";
import type { Policy } from "../policy/policy.ts";
import type { Validation } from "../policy/validate.ts";
import { atOnce, type Steps } from "../steps.ts";
import { runTests, type TestResult } from "./run.ts";

export interface Examination extends Validation {
  /** None are run where the text itself is at fault. */
  readonly tests: readonly TestResult[];
}

/** A test that fails is a problem like any other. */
export const examineTree = (tree: Tree, registries: Registries): Examination =>
  atOnce(examining(tree, registries));

/** The same with pauses. `before`: a policy of nearly the same tree. */
export function* examining(
  tree: Tree,
  registries: Registries,
  before?: Policy,
): Steps<Examination> {
  const compiled = yield* compiling(tree, registries, before);
  const { policy, problems } = compiled;
  const tests = policy === undefined ? [] : yield* runTests(policy, registries);
  return { ...compiled, tests, problems: [...problems, ...tests.flatMap((one) => one.failures)] };
}
