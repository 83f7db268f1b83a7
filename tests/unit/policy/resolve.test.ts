import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Json } from "../../../src/core/json.ts";
import type { Resolved, Subject } from "../../../src/core/policy/model.ts";
import { resolve } from "../../../src/core/policy/resolve.ts";
import { policyOf } from "../../support/policy.ts";

const id = "8c1d3a52-0d5f-4a53-9f53-1f0f4d6b7a10";
const os = { family: "debian", distro: "debian", version: "12", arch: "amd64", init: "systemd" };
const host = (hostname: string, traits: Subject["traits"] = { os }, own = id): Subject => ({
  id: own,
  hostname,
  traits,
});

const files = {
  "configcrates/app.vgo": `
configcrate: app
vars: { port: 80, items: [x, y] }
environment_overrides: { staging: { vars: { port: 8080 } } }
resources:
  - { name: conf, type: file, target_path: /app, content: "{{ vars.port }} {{ traits.os.distro }}", notify: reload }
  - { name: item, type: file, foreach: items, target_path: "/i/{{ item }}", content: x, depends_on: conf }
  - { name: deb, type: file, target_path: /deb, content: x, when: 'os_family("debian")', depends_on: item }
  - { name: part, type: file, target_path: /part, content: x, when: in_percent(50), depends_on: deb }
  - { name: last, type: file, target_path: /last, content: x, depends_on: part }
  - { name: load, type: file, target_path: /load, content: x, when: traits.load.one > 1.0 }
  - { name: reload, type: service, service: app, state: reloaded }
`,
  "configcrates/named.vgo": `
configcrate: named
depends_on: app
resources:
  - { name: name, type: file, target_path: /name, content: "{{ envoy.hostname }} {{ traits.hardware.cpu_count | default: 0 }}" }
`,
  "configcrates/sites.vgo": `
configcrate: sites
foreach: sites
vars: { sites: [blog, shop] }
environment_overrides: { staging: { vars: { sites: { one: { parts: [a, b] } } } } }
depends_on: app
resources:
  - { name: root, type: file, target_path: "/s/{{ crate.item | json }}", content: "{{ traits.os.distro }}" }
  - { name: fixed, type: file, target_path: "/f/{{ item | json }}", content: x, depends_on: root }
  - { name: deb, type: file, target_path: "/d/{{ item | json }}", content: x, when: 'os_family("debian")', depends_on: fixed }
`,
  "roles.vgo": "roles: [{ role: app, configcrates: [app, sites], case: { debian: [named] } }]\n",
  "envoys.vgo": `
envoys:
  - { match: "staging-*", environment: staging, roles: [app] }
  - { match: "other-*", roles: [app] }
  - { match: "noop-*", roles: [app], noop: true }
  - { match: "*", roles: [app], vars: { port: 80 } }
`,
};

function resolved(policy: ReturnType<typeof policyOf>, subject: Subject): Resolved {
  const resolution = resolve(policy, subject);
  if (resolution.kind === "unresolved") throw new Error(resolution.problems[0]?.message);
  return resolution;
}

test("hosts that look alike share the very same list, whichever hostcrate they come from", () => {
  const policy = policyOf({
    ...files,
    "roles.vgo": "roles: [{ role: app, configcrates: [app] }]\n",
  });
  const [one, two] = [resolved(policy, host("a")), resolved(policy, host("other-b"))];
  expect(two.resources).toBe(one.resources);
  const noop = resolved(policy, host("noop-a"));
  expect(noop.resources).not.toBe(one.resources);
  expect(noop.resources.every((resource) => resource.noop === true)).toBe(true);
  expect(resolved(policy, host("staging-a")).resources).not.toBe(one.resources);
});

test("hosts that differ in one configcrate share the others", () => {
  const policy = policyOf(files);
  const [one, two] = [resolved(policy, host("a")), resolved(policy, host("b"))];
  const of = ({ resources }: Resolved, key: string) => resources.find((each) => each.key === key);
  expect(of(two, "app/conf")).toBe(of(one, "app/conf") as never);
  expect(of(two, "named/name")?.params["content"]).toBe("b 0");
  expect(of(one, "named/name")?.params["content"]).toBe("a 0");
});

test("what was resolved before never changes what comes after", () => {
  const trait = fc.record({
    os: fc.record({
      ...Object.fromEntries(Object.entries(os).map(([key, value]) => [key, fc.constant(value)])),
      family: fc.constantFrom("debian", "rhel"),
      distro: fc.constantFrom("debian", "ubuntu"),
    }),
    hardware: fc.record({ cpu_count: fc.integer({ min: 1, max: 2 }) }),
  });
  const subject = fc.record({
    id: fc.constantFrom(id, "00000000-0000-4000-8000-000000000001", "x"),
    hostname: fc.constantFrom("a", "staging-a", "staging-b", "noop-a", "other-a"),
    traits: fc.oneof(
      trait,
      trait.map(({ os }) => ({ os })),
      fc.constant({}),
    ),
  });
  const warm = policyOf(files);
  fc.assert(
    fc.property(fc.array(subject, { minLength: 1, maxLength: 6 }), (subjects) => {
      for (const each of subjects) {
        const asked = each as Subject;
        // How the list is put together is not part of the answer.
        const answer = (policy: typeof warm) => ({ ...resolve(policy, asked), variant: undefined });
        expect(answer(warm)).toEqual(answer(policyOf(files)));
      }
    }),
    { numRuns: 60 },
  );
}, 30_000);

test("only what was read makes a host dirty", () => {
  const policy = policyOf(files);
  expect(resolved(policy, host("a")).sectionsRead).toEqual(["hardware", "os"]);
  const withoutNamed = host("a", { os: { ...os, family: "rhel" } });
  expect(resolved(policy, withoutNamed).sectionsRead).toEqual(["os"]);
});

test("edges pass through what is left out", () => {
  const policy = policyOf(files);
  const rhel = { ...os, family: "rhel" };
  const keys = (subject: Subject) =>
    Object.fromEntries(
      resolved(policy, subject).resources.map(({ key, needs }) => [key, needs.map((to) => to.key)]),
    );
  const ids = Array.from({ length: 20 }, (_, at) => `00000000-0000-4000-8000-0000000000${at + 10}`);
  const seen = new Set<string>();
  for (const own of ids) {
    const edges = keys(host("a", { os: rhel }, own));
    const through = edges["app/part"] !== undefined;
    seen.add(String(through));
    const items = ["app/item[x]", "app/item[y]"];
    expect(edges["app/last"]).toEqual(through ? ["app/part"] : items);
    if (through) expect(edges["app/part"]).toEqual(items);
  }
  expect([...seen].sort()).toEqual(["false", "true"]);
});

test("a value that looks like a missing one is another", () => {
  const policy = policyOf({
    "configcrates/a.vgo": `
configcrate: a
resources:
  - { type: file, target_path: /b, content: "{{ traits.os.reboot_reasons | default: 'none' | json }}" }
`,
    "envoys.vgo": 'envoys: [{ match: "*", configcrates: [a] }]\n',
  });
  const content = (traits: Subject["traits"]): Json | undefined =>
    resolved(policy, host("a", traits)).resources.at(-1)?.params["content"];
  expect(content({ os: {} })).toBe('"none"');
  expect(content({ os: { reboot_reasons: [] } })).not.toBe(
    content({ os: { reboot_reasons: ["x"] } }),
  );
});

test("what is missing is said of each host for itself, though others were asked before", () => {
  const policy = policyOf({
    "envoys.vgo": "envoys: [{ match: '*', configcrates: [a] }]",
    "configcrates/a.vgo":
      'configcrate: a\nresources: [{ type: file, target_path: /a, content: "{{ traits.os.distro }}" }]\n',
  });
  const said = (traits: object) => {
    const found = resolve(policy, { id: "x", hostname: "h", traits: traits as never });
    return found.kind === "unresolved" ? found.problems[0]?.message : found.kind;
  };
  expect(said({})).toBe("traits.os is not set");
  expect(said({ os: { family: "x" } })).toBe("traits.os.distro is not set");
  expect(said({ os: { distro: "x" } })).toBe("resolved");
});

test("in a configcrate that is there once for each item, bare names stay with their item", () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const link = fc.record({
    from: name,
    to: name,
    /** near: by the bare name · all: `crate/name` · one: `crate[item]/name` */
    how: fc.constantFrom("near", "all", "one"),
  });
  const items = fc.uniqueArray(fc.constantFrom("x", "y", "z"), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(link, { maxLength: 6 }), items, (links, all) => {
      // Forwards only, so that nothing waits for itself; and an item that is not there would be passed through.
      const forward = links.filter(
        ({ from, to, how }) => from > to && (how !== "one" || all.includes("y")),
      );
      const written = ({ to, how }: (typeof links)[number]) =>
        how === "near" ? to : how === "all" ? `many/${to}` : `many[y]/${to}`;
      const resources = ["a", "b", "c", "d"].map((one) => {
        const refs = forward.filter(({ from }) => from === one).map(written);
        return `  - { name: ${one}, type: file, target_path: "/${one}/{{ item }}", content: x, depends_on: ${JSON.stringify(refs)} }\n`;
      });
      const policy = policyOf({
        "envoys.vgo": "envoys: [{ match: '*', configcrates: [many] }]",
        "configcrates/many.vgo": `configcrate: many\nforeach: ${JSON.stringify(all)}\nresources:\n${resources.join("")}`,
      });
      const found = resolved(policy, host("h")).resources.map(({ key, needs }) => [
        key,
        new Set(needs.map((need) => need.key)),
      ]);
      const expected = all.flatMap((item) =>
        ["a", "b", "c", "d"].map((one) => [
          `many[${item}]/${one}`,
          new Set(
            forward
              .filter(({ from }) => from === one)
              .flatMap(({ to, how }) =>
                all
                  .filter((other) => how === "all" || other === (how === "near" ? item : "y"))
                  .map((other) => `many[${other}]/${to}`),
              ),
          ),
        ]),
      );
      expect(found).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
