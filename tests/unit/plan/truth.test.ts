/** A plan against what envoys really get: the digests of their bodies, and the resources in them. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Bundle, bundleFor, compile } from "../../../src/core/bundle/compile.ts";
import type { Subject } from "../../../src/core/policy/model.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import type { Plan } from "../../../src/core/plan/plan.ts";
import { planOf } from "../../../src/core/plan/planning.ts";
import { policyOf, registries, treeOf } from "../../support/policy.ts";

const hosts: readonly Subject[] = ["a-1", "a-2", "b-1", "b-2", "none"].map((hostname) => ({
  id: `id-${hostname}`,
  hostname,
  traits: hostname === "b-2" ? {} : { os: { distro: hostname } },
}));

const resource = fc.record({
  name: fc.constantFrom("p", "q", "r", "s"),
  // Two of them may own one path, so that some hosts cannot be resolved.
  path: fc.constantFrom(
    "/etc/x",
    "/etc/y",
    "/etc/z",
    "/etc/x/in",
    "/etc/{{ envoy.hostname }}",
    "/etc/a-2",
  ),
  type: fc.constantFrom("file", "directory"),
  content: fc.constantFrom(
    "one",
    "two",
    "{{ envoy.hostname }}",
    "{{ traits.os.distro }}",
    "{{ vars.v }}",
  ),
  when: fc.constantFrom(
    undefined,
    "file_exists('/x')",
    "environment() == 'prod' && file_exists('/x')",
    "'a-1' == 'b'",
  ),
  mode: fc.constantFrom(undefined, "0600"),
});
const crate = fc.uniqueArray(resource, { maxLength: 4, selector: ({ name }) => name });
const stacks = fc.record({
  one: crate,
  two: crate,
  prod: fc.boolean(),
  v: fc.constantFrom("1", "2"),
});

type Stacks = typeof stacks extends fc.Arbitrary<infer S> ? S : never;

const crateText = (name: string, resources: Stacks["one"]) =>
  `configcrate: ${name}\nresources:${resources.length === 0 ? " []" : ""}\n${resources
    .map(({ name: own, path, type, content, when, mode }) => {
      const more = [
        ...(type === "file" ? [`content: "${content}"`] : []),
        ...(when === undefined ? [] : [`when: "${when}"`]),
        ...(mode === undefined ? [] : [`mode: "${mode}"`]),
      ];
      return `  - { name: ${own}, type: ${type}, target_path: "${path}", ${more.join(", ")} }\n`;
    })
    .join("")}`;

const policy = (all: Stacks): Policy => policyOf(filesOf(all));

const filesOf = ({ one, two, prod, v }: Stacks) => ({
  "environments.vgo": "env: { prod: { vars: {} }, test: { vars: {} } }\n",
  "envoys.vgo": `envoys:\n  - { match: "a-*", environment: ${prod ? "prod" : "test"}, configcrates: [one], vars: { v: "${v}" } }\n  - { match: "b-*", environment: test, configcrates: [one, two], vars: { v: "3" } }\n`,
  "configcrates/one.vgo": crateText("one", one),
  "configcrates/two.vgo": crateText("two", two),
});

const digest = ({ encoded }: Bundle) => Buffer.from(encoded.digest).toString("hex");

/** Keys by what happens to them on a host, from the bodies. */
function truth(before: Policy | undefined, after: Policy, host: Subject) {
  const now = bundleFor(after, host, registries);
  if (now.kind === "unresolved") return "unresolved";
  const then = before && bundleFor(before, host, registries);
  const old = then?.kind === "bundle" ? then : undefined;
  if (old ? digest(old) === digest(now) : now.body.resources.length === 0) return "unchanged";
  const said = (bundle?: Bundle) =>
    new Map(
      bundle?.body.resources.map(({ key, type, params, when }) => [
        `${key} ${type}`,
        JSON.stringify([params, when]),
      ]),
    );
  const [had, has] = [said(old), said(now)];
  const differs = (key: string) => had.has(key) && had.get(key) !== has.get(key);
  return {
    removed: [...had.keys()].filter((key) => !has.has(key)).sort(),
    changed: [...has.keys()].filter(differs).sort(),
    added: [...has.keys()].filter((key) => !had.has(key)).sort(),
  };
}

const shown = ({ groups }: Plan, kind: string) =>
  groups
    .filter(({ change }) => change === kind)
    .flatMap(({ resources }) => resources.map(({ key, type }) => `${key} ${type}`))
    .sort();

test("of one envoy says what its body says", () => {
  fc.assert(
    fc.property(fc.option(stacks, { nil: undefined }), stacks, (was, will) => {
      const [before, after] = [was && policy(was), policy(will)];
      for (const host of hosts) {
        const expected = truth(before, after, host);
        const plan = planOf(before, after, [host], registries);
        const { changed, unchanged, unresolved } = plan.envoys;
        if (expected === "unresolved") expect([changed, unresolved]).toEqual([0, 1]);
        else if (expected === "unchanged") expect([changed, unchanged]).toEqual([0, 1]);
        else {
          expect([host.hostname, changed]).toEqual([host.hostname, 1]);
          for (const kind of ["removed", "changed", "added"] as const)
            expect([kind, ...shown(plan, kind)]).toEqual([kind, ...expected[kind]]);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("of a fleet is the sum of its envoys", () => {
  fc.assert(
    fc.property(stacks, stacks, (was, will) => {
      const [before, after] = [policy(was), policy(will)];
      const all = planOf(before, after, hosts, registries);
      const each = hosts.map((host) => planOf(before, after, [host], registries));
      const sum = (count: (plan: Plan) => number) =>
        each.reduce((total, plan) => total + count(plan), 0);
      expect(all.envoys.changed).toBe(sum(({ envoys }) => envoys.changed));
      expect(all.envoys.unresolved).toBe(sum(({ envoys }) => envoys.unresolved));
      for (const kind of ["removed", "changed", "added"] as const)
        expect(all.resources[kind]).toBe(sum(({ resources }) => resources[kind]));
    }),
    { numRuns: 40 },
  );
});

test("is the same where what two policies have in common is one", () => {
  fc.assert(
    fc.property(stacks, stacks, fc.boolean(), (was, other, isNear) => {
      // Policies of a near tree have most in common, so that hosts need not be resolved twice.
      const will = isNear ? { ...was, two: other.two } : other;
      const before = policy(was);
      const alone = planOf(before, policy(will), hosts, registries);
      const after = compile(treeOf(filesOf(will)), registries, before).policy;
      if (after === undefined) throw new Error("the tree is not good");
      expect(planOf(before, after, hosts, registries)).toEqual(alone);
    }),
    { numRuns: 60 },
  );
});
