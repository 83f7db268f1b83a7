/**
 * What a plan over a whole fleet costs, beside resolving that fleet twice, which it cannot do without.
 * Usage: bun bench/plan.ts [ENVOYS] [CONFIGCRATES] [KINDS]
 */
import { compile } from "../src/core/bundle/compile.ts";
import type { Subject, Tree } from "../src/core/policy/model.ts";
import { resolve } from "../src/core/policy/resolve.ts";
import { planOf } from "../src/core/plan/planning.ts";
import { resources } from "../src/core/resources/index.ts";
import { traits } from "../src/core/traits/index.ts";
import { fleet, fleetTree } from "./support/fleet-policy.ts";
import { table } from "./support/table.ts";

const [envoys = 10_000, crates = 20, kinds = 200] = process.argv.slice(2).map(Number);
const registries = { resources, traits };

/** Hosts that share a name see the same policy: as many kinds of them as asked for. */
const subjects: readonly Subject[] = fleet(envoys).map((subject, index) => ({
  ...subject,
  hostname: `${["web", "db", "stage"][index % 3]}-${index % kinds}.example.com`,
}));

/** One mode changed in one configcrate. */
function changed({ files }: Tree): Tree {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replace("0644", "0600");
  const entries = [...files].map(([path, bytes]) => {
    const isOne = path.endsWith("crate-4.vgo");
    return [path, isOne ? new TextEncoder().encode(text(bytes)) : bytes] as const;
  });
  return { files: new Map(entries) };
}

function policyOf(tree: Tree) {
  const { policy } = compile(tree, registries);
  if (policy === undefined) throw new Error("the policy is not good");
  return policy;
}

function timed<T>(work: () => T): readonly [number, T] {
  const began = performance.now();
  const result = work();
  return [performance.now() - began, result];
}

const tree = fleetTree(crates);
const [resolving] = timed(() => {
  for (const policy of [policyOf(tree), policyOf(changed(tree))])
    for (const subject of subjects) resolve(policy, subject);
});
const [before, after] = [policyOf(tree), policyOf(changed(tree))];
const [planning, plan] = timed(() => planOf(before, after, subjects, registries));

console.log(
  table(
    ["envoys", "configcrates", "changed", "resolving twice, ms", "plan, ms", "answer, KiB"],
    [
      [
        envoys,
        crates,
        plan.envoys.changed,
        resolving,
        planning,
        JSON.stringify(plan).length / 1024,
      ].map((value) => String(Math.round(value))),
    ],
  ),
);
