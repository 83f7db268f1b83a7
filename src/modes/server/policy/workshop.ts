/**
 * Compiles trees one after the other, each with what is known of the one before, and lets others be answered meanwhile. Must not
 * know where trees come from, nor which one is in force.
 */
import { compiling } from "../../../core/bundle/compile.ts";
import type { Examination } from "../../../core/policy-tests/examine.ts";
import { examining } from "../../../core/policy-tests/examine.ts";
import type { Registries, Tree } from "../../../core/policy/model.ts";
import type { Policy } from "../../../core/policy/policy.ts";
import type { Validation } from "../../../core/policy/validate.ts";
import { treeDigest } from "../../../core/publish/digest.ts";
import type { Step } from "../../../core/steps.ts";
import { gently } from "../gently.ts";

export class Workshop {
  /** The last tree that was good, and what it came to. */
  #last:
    | { readonly digest: string; readonly made: Validation & { readonly policy: Policy } }
    | undefined;

  constructor(readonly registries: Registries) {}

  /** Every gate that a tree must pass before it is published, asked anew. */
  async examine(tree: Tree, at?: (step: Step) => void): Promise<Examination> {
    const steps = examining(tree, this.registries, this.#last?.made.policy);
    const examined = await gently(steps, at);
    this.#keep(tree, examined);
    return examined;
  }

  /** Of a tree that is published: what was just examined is not compiled again. */
  async compile(tree: Tree): Promise<Validation> {
    if (this.#last?.digest === treeDigest(tree)) return this.#last.made;
    const made = await gently(compiling(tree, this.registries, this.#last?.made.policy));
    this.#keep(tree, made);
    return made;
  }

  #keep(tree: Tree, { policy, problems, warnings }: Validation): void {
    if (policy === undefined || problems.length > 0) return;
    this.#last = { digest: treeDigest(tree), made: { policy, problems, warnings } };
  }
}
