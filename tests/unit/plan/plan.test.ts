import { describe, expect, test } from "bun:test";
import type { Subject } from "../../../src/core/policy/model.ts";
import type { Plan } from "../../../src/core/plan/plan.ts";
import { planOf } from "../../../src/core/plan/planning.ts";
import { policyOf, registries } from "../../support/policy.ts";

const envoy = (hostname: string, traits: Subject["traits"] = {}): Subject => ({
  id: `id-${hostname}`,
  hostname,
  traits,
});

const envoys =
  "envoys:\n  - { match: 'web-*', configcrates: [site] }\n  - { match: 'db-*', configcrates: [base] }\n";
const crate = (name: string, ...resources: readonly string[]) =>
  `configcrate: ${name}\nresources:\n${resources.map((text) => `  - ${text}\n`).join("")}`;
const file = (name: string, more: string) =>
  `{ name: ${name}, type: file, target_path: /etc/${name}, ${more} }`;
const stacks = (
  site: string,
  base: string = crate("base", file("motd", "content: hi")),
  more = {},
) =>
  policyOf({
    "envoys.vgo": envoys,
    "configcrates/site.vgo": site,
    "configcrates/base.vgo": base,
    ...more,
  });

const fleet = [envoy("web-2"), envoy("web-1"), envoy("db-1")];
const one = crate("site", file("a", "content: one"));

/** A line for each resource: `kind key on hosts: attribute from → to`. */
const lines = ({ groups }: Plan): readonly string[] =>
  groups.flatMap(({ change, hostnames, resources }) =>
    resources.map(({ key, attributes }) => {
      const said = attributes.map((each) => {
        const { attribute, from, to, diff, hidden, varies } = each;
        const value = hidden ? "hidden" : (diff ?? `${from} → ${to}`);
        return ` ${attribute} ${value}${varies ? " (varies)" : ""}`;
      });
      return `${change} ${key} on ${hostnames.join(",")}:${said.join(";")}`;
    }),
  );

const between = (before: string, after: string, subjects: readonly Subject[] = fleet) =>
  planOf(stacks(before), stacks(after), subjects, registries);

describe("a plan", () => {
  test("of the same policy changes nobody", () => {
    expect(between(one, one)).toEqual({
      envoys: { known: 3, changed: 0, unchanged: 3, unresolved: 0 },
      resources: { removed: 0, changed: 0, added: 0 },
      groups: [],
      groups_left_out: 0,
      unresolved: [],
    });
  });

  test.each([
    [
      "a value",
      crate("site", file("a", "content: two")),
      ["changed site/a on web-1,web-2: content one → two"],
    ],
    [
      "an attribute set",
      crate("site", file("a", "content: one, mode: '0600'")),
      ["changed site/a on web-1,web-2: mode undefined → 0600"],
    ],
    [
      "a resource more",
      crate("site", file("a", "content: one"), file("b", "content: x")),
      ["added site/b on web-1,web-2: content undefined → x; target_path undefined → /etc/b"],
    ],
    [
      "another type under the same name",
      crate("site", "{ name: a, type: directory, target_path: /etc/a }"),
      [
        "removed site/a on web-1,web-2:",
        "added site/a on web-1,web-2: target_path undefined → /etc/a",
      ],
    ],
    [
      "a condition that travels",
      crate("site", file("a", `content: one, when: "file_exists('/x')"`)),
      ["changed site/a on web-1,web-2: when undefined → file_exists('/x')"],
    ],
    [
      "common attributes",
      crate("site", file("a", "content: one, noop: true, timeout: 5s, retries: 2")),
      [
        "changed site/a on web-1,web-2: noop undefined → true; retries undefined → 2; timeout undefined → 5000 ms",
      ],
    ],
    ["only blanks and comments", `# new\n${one}\n`, []],
  ])("tells %s", (_, after, expected) => {
    expect(lines(between(one, after))).toEqual(expected);
  });

  test("says deletions first, and counts envoys and resources", () => {
    const after = crate("site", file("b", "content: one"), file("c", "content: x"));
    const plan = planOf(
      stacks(one),
      stacks(after, crate("base", file("motd", "content: ho"))),
      fleet,
      registries,
    );
    expect(lines(plan)).toEqual([
      "removed site/a on web-1,web-2:",
      "changed base/motd on db-1: content hi → ho",
      "added site/b on web-1,web-2: content undefined → one; target_path undefined → /etc/b",
      "added site/c on web-1,web-2: content undefined → x; target_path undefined → /etc/c",
    ]);
    expect(plan.envoys).toEqual({ known: 3, changed: 3, unchanged: 0, unresolved: 0 });
    expect(plan.resources).toEqual({ removed: 2, changed: 1, added: 4 });
    expect(plan.groups.map(({ change, envoys }) => [change, envoys])).toEqual([
      ["removed", 2],
      ["changed", 1],
      ["added", 2],
    ]);
  });

  test("shows of many lines those that differ, and joins hosts whose files differ elsewhere", () => {
    const text = (port: number) =>
      file("a", `content: "host {{ envoy.hostname }}\\nport ${port}\\n"`);
    expect(lines(between(crate("site", text(80)), crate("site", text(81))))).toEqual([
      "changed site/a on web-1,web-2: content -port 80\n+port 81",
    ]);
  });

  test("folds what each host has for itself into one line, by the first of them", () => {
    const hosts = Array.from({ length: 9 }, (_, index) => envoy(`web-${9 - index}`));
    const after = crate("site", file("a", "content: '{{ envoy.hostname }}'"));
    const plan = between(one, after, hosts);
    expect(plan.groups).toMatchObject([
      {
        change: "changed",
        envoys: 9,
        resources: [
          {
            variants: 9,
            attributes: [{ attribute: "content", from: "one", to: "web-1", varies: true }],
          },
        ],
      },
    ]);
  });

  test("does not show what is sensitive, also when only one side says so", () => {
    const secret = (content: string, more = "") =>
      crate("site", file("a", `content: ${content}${more}`));
    const plan = between(
      secret("hunter1", ", sensitive: true"),
      secret("hunter2", ", sensitive: true"),
    );
    expect(lines(plan)).toEqual(["changed site/a on web-1,web-2: content hidden"]);
    const shown = between(secret("hunter1", ", sensitive: true"), secret("hunter2"));
    expect(JSON.stringify(shown)).not.toContain("hunter");
    expect(JSON.stringify(between(one, secret("hunter3", ", sensitive: true")))).not.toContain(
      "hunter",
    );
    const user = (hash: string) =>
      crate("site", `{ name: u, type: user, username: dana, password: '$6$salt$${hash}' }`);
    expect(lines(between(user("aaaaaaaaaaaa"), user("bbbbbbbbbbbb")))).toEqual([
      "changed site/u on web-1,web-2: password hidden",
    ]);
  });

  test("lists envoys that cannot be resolved, and why", () => {
    const needs = crate("site", file("a", "content: '{{ traits.os.distro }}'"));
    const hosts = [...fleet, envoy("web-3", { os: { distro: "debian" } }), envoy("mail-1")];
    const plan = between(one, needs, hosts);
    expect(plan.envoys).toEqual({ known: 5, changed: 1, unchanged: 1, unresolved: 3 });
    expect(plan.unresolved.map(({ hostname, problems }) => [hostname, problems[0]?.code])).toEqual([
      ["mail-1", "VG901"],
      ["web-1", "VG106"],
      ["web-2", "VG106"],
    ]);
  });

  test("finds what only the graph sees, for each host", () => {
    const clash = crate(
      "site",
      file("a", "content: one"),
      "{ name: b, type: file, target_path: '/etc/{{ traits.os.distro }}', content: x }",
    );
    const hosts = [
      envoy("web-1", { os: { distro: "a" } }),
      envoy("web-2", { os: { distro: "z" } }),
    ];
    const plan = between(one, clash, hosts);
    expect(plan.unresolved).toMatchObject([{ hostname: "web-1", problems: [{ code: "VG602" }] }]);
    expect(plan.envoys).toMatchObject({ changed: 1, unresolved: 1 });
  });

  test("tells that a resource is to be undone", () => {
    const named = (more: string) => crate("site", `{ type: hostname, hostname: web${more} }`);
    expect(lines(between(named(""), named(", revert: true")))).toEqual([
      "changed site/hostname:web on web-1,web-2: revert undefined → true",
    ]);
  });

  test("tells of another order", () => {
    const [a, b] = [file("a", "content: one"), file("b", "content: two")];
    const plan = between(crate("site", a, b), crate("site", b, a));
    expect(lines(plan)).toEqual(["reordered site/b on web-1,web-2:"]);
    expect(plan.envoys.changed).toBe(2);
  });

  test("tells of another environment only where a condition that travels asks for it", () => {
    const when = "environment() == 'prod' && file_exists('/x')";
    const asking = crate(
      "site",
      file("a", `content: one, when: "${when}"`),
      file("b", "content: two"),
    );
    const inside = (environment: string, site: string) =>
      policyOf({
        "environments.vgo": "env: { prod: { vars: {} }, test: { vars: {} } }\n",
        "envoys.vgo": `envoys:\n  - { match: 'web-*', environment: ${environment}, configcrates: [site] }\n`,
        "configcrates/site.vgo": site,
      });
    const moved = (site: string) =>
      planOf(inside("test", site), inside("prod", site), [envoy("web-1")], registries);
    expect(moved(one).envoys.unchanged).toBe(1);
    expect(lines(moved(asking))).toEqual([
      `changed site/a on web-1: when ${when} with {"environment":"test"} → ${when} with {"environment":"prod"}`,
    ]);
  });

  test("of a first publish adds everything", () => {
    const plan = planOf(undefined, stacks(one), fleet, registries);
    expect(plan.resources).toEqual({ removed: 0, changed: 0, added: 3 });
  });

  test("is the same for the same fleet in any order, and bounded", () => {
    const many = crate(
      "site",
      ...Array.from({ length: 400 }, (_, n) => file(`f${n}`, `content: "${"x".repeat(500)}"`)),
    );
    const [plan, other] = [fleet, [...fleet].reverse()].map((subjects) =>
      between(one, many, subjects),
    );
    expect(other).toEqual(plan as Plan);
    expect(
      plan?.groups.map(
        ({ resources, resources_left_out }) => resources.length + resources_left_out,
      ),
    ).toEqual([1, 400]);
    expect(plan?.groups[1]?.resources_left_out).toBe(100);
    expect(plan?.groups[1]?.resources[0]?.attributes[0]?.to).toEndWith("… (500 characters)");
  });
});
