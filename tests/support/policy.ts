/** Policies from texts, for tests. Must not know any rule. */
import { resources } from "../../src/core/resources/index.ts";
import type { Registries, Tree } from "../../src/core/policy/model.ts";
import { parseTree } from "../../src/core/policy/parse.ts";
import { validate } from "../../src/core/policy/validate.ts";
import { printProblem } from "../../src/core/problem.ts";
import { sampleTraits } from "./sample-traits.ts";

export const registries: Registries = { resources, traits: sampleTraits };

export const treeOf = (files: Readonly<Record<string, string>>): Tree => ({
  files: new Map(
    Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]),
  ),
});

/** A policy that must be good. */
export function policyOf(files: Readonly<Record<string, string>>) {
  const { policy, problems } = validate(parseTree(treeOf(files)), registries);
  if (policy === undefined) throw new Error(problems.map(printProblem).join("\n"));
  return policy;
}
