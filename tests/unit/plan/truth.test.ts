/** A plan against what envoys really get: the digests of their bodies, and the resources in them. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Bundle, bundleFor } from "../../../src/core/bundle/compile.ts";
import type { Subject } from "../../../src/core/policy/model.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import type { Plan } from "../../../src/core/plan/plan.ts";
import { planOf } from "../../../src/core/plan/planning.ts";
import { policyOf, registries } from "../../support/policy.ts";

const hosts: readonly Subject[] = ["a-1", "a-2", "b-1", "b-2", "none"].map((hostname) => ({
  id: `id-${hostname}`,
  hostname,
  traits: hostname === "b-2" ? {} : { os: { distro: hostname } },
}));

const resource = fc.record({
  name: fc.constantFrom("p", "q", "r", "s"),
  // Two of them may own one path, so that some hosts cannot be resolved.
  path: fc.constantFrom("/etc/x", "/etc/y", "/etc/z", "/etc/x/in"),
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
      return `  - { name: ${own}, type: ${type}, target_path: ${path}, ${more.join(", ")} }\n`;
    })
    .join("")}`;

const policy = ({ one, two, prod, v }: Stacks): Policy =>
  policyOf({
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
  const keys = (bundle?: Bundle) =>
    new Set(bundle?.body.resources.map(({ key, type }) => `${key} ${type}`));
  const [had, has] = [keys(old), keys(now)];
  return { removed: [...had.difference(has)].sort(), added: [...has.difference(had)].sort() };
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
          expect(shown(plan, "removed")).toEqual([...expected.removed]);
          expect(shown(plan, "added")).toEqual([...expected.added]);
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
