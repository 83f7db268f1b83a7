/** Every gate that a tree must pass before it is published: what `compile` looks at, and its own policy tests. */
import { compile } from "../bundle/compile.ts";
import type { Registries, Tree } from "../policy/model.ts";
import type { Validation } from "../policy/validate.ts";
import { runTests, type TestResult } from "./run.ts";

export interface Examination extends Validation {
  /** None are run where the text itself is at fault. */
  readonly tests: readonly TestResult[];
}

/** A test that fails is a problem like any other. */
export function examineTree(tree: Tree, registries: Registries): Examination {
  const compiled = compile(tree, registries);
  const { policy, problems } = compiled;
  const tests = policy === undefined ? [] : runTests(policy, registries);
  return { ...compiled, tests, problems: [...problems, ...tests.flatMap((one) => one.failures)] };
}
