import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { bundleFor, compile } from "../../../src/core/bundle/compile.ts";
import { canonicalJson, type Json } from "../../../src/core/json.ts";
import { parameters, text } from "../../../src/core/params.ts";
import type { Registries } from "../../../src/core/policy/model.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { defineResource } from "../../../src/core/resource.ts";
import { sampleTraits, sampleValues } from "../../support/sample-traits.ts";

/** A file of sorts: owns its path, follows its folder. */
const page = defineResource({
  name: "page",
  summary: "A page.",
  platforms: ["linux"],
  params: parameters({
    path: text("Where."),
    content: text("What.").exactOptional(),
    size: z.int().optional(),
    state: z.enum(["present", "absent", "turned"]).default("present"),
  }),
  main: "path",
  isAction: (p) => p.state === "turned",
  claims: (p) => [{ id: `file:${p.path}` }],
  after: (p) => [`file:${p.path.replace(/\/[^/]*$/, "")}`],
  check: async () => [],
  apply: async () => {},
  refresh: async () => {},
  examples: [],
});
const registries: Registries = { resources: [page], traits: sampleTraits };

const tree = (files: Readonly<Record<string, string>>) => ({
  files: new Map(
    Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]),
  ),
});
const compiled = (files: Readonly<Record<string, string>>) => compile(tree(files), registries);

function policyOf(files: Readonly<Record<string, string>>): Policy {
  const { policy, problems } = compiled(files);
  if (policy === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));
  return policy;
}

const subject = (hostname: string, traits: Readonly<Record<string, Json>> = sampleValues) => ({
  id: `id-${hostname}`,
  hostname,
  traits,
});

function bundle(policy: Policy, hostname: string, traits?: Readonly<Record<string, Json>>) {
  const made = bundleFor(policy, subject(hostname, traits), registries);
  if (made.kind === "unresolved") throw new Error(JSON.stringify(made.problems));
  return made;
}

const envoys = `
envoys:
  - match: "web-*"
    environment: live
    roles: [web]
  - match: "db-*"
    configcrates: [site]
    vars: { port: 5432 }
`;
const roles = "roles: [{ role: web, configcrates: [site] }]";
const site = `
configcrate: site
vars: { port: 80, pages: [a, b] }
resources:
  - { name: inner, type: page, path: /srv/www/index, content: "port {{ vars.port }}", notify: turn }
  - { name: folder, type: page, path: /srv/www }
  - { name: each, type: page, foreach: pages, path: "/srv/{{ item }}", before: folder }
  - { name: turn, type: page, path: /x, state: turned }
  - { name: big, type: page, path: /big, when: "traits.load.one > 2.5 && environment == 'live' && role('web')" }
  - { name: deb, type: page, path: /deb, when: os_family("debian") }
`;
const files = { "envoys.vgo": envoys, "roles.vgo": roles, "configcrates/site.vgo": site };

describe("a bundle", () => {
  const policy = policyOf(files);

  test("holds rendered resources in order, with edges as indices", () => {
    const { body } = bundle(policy, "web-1");
    expect(body.resources).toEqual([
      { key: "site/each[a]", type: "page", params: { path: "/srv/a" } },
      { key: "site/each[b]", type: "page", params: { path: "/srv/b" } },
      { key: "site/folder", type: "page", params: { path: "/srv/www" }, needs: [0, 1] },
      {
        key: "site/inner",
        type: "page",
        params: { path: "/srv/www/index", content: "port 80" },
        needs: [2],
        notifies: [4],
      },
      { key: "site/turn", type: "page", params: { path: "/x", state: "turned" } },
      {
        key: "site/big",
        type: "page",
        params: { path: "/big" },
        when: {
          source: "traits.load.one > 2.5 && environment == 'live' && role('web')",
          environment: "live",
          roles: ["web"],
        },
      },
      { key: "site/deb", type: "page", params: { path: "/deb" } },
    ]);
  });

  test("is canonical JSON, and one object for envoys that are alike", () => {
    const [one, two] = [bundle(policy, "web-1"), bundle(policy, "web-2")];
    expect(new TextDecoder().decode(one.encoded.bytes)).toBe(canonicalJson(one.body));
    expect(two.encoded).toBe(one.encoded);
    expect(bundle(policy, "db-1").encoded.digest).not.toEqual(one.encoded.digest);
  });

  test("has the same bytes from the same policy, read anew", () => {
    expect(bundle(policyOf(files), "web-1").encoded).toEqual(bundle(policy, "web-1").encoded);
  });

  test("leaves out what the server knows to be elsewhere", () => {
    const os = { ...(sampleValues["os"] as object), family: "rhel" };
    const { body } = bundle(policy, "web-1", { ...sampleValues, os });
    expect(body.resources.map(({ key }) => key)).not.toContain("site/deb");
  });
});

describe("what shows only for one envoy", () => {
  const one = (resources: string) => ({
    "envoys.vgo": 'envoys: [{ match: "*", configcrates: [site] }]',
    "configcrates/site.vgo": `configcrate: site\nresources:\n${resources}`,
  });
  const problems = (resources: string) => {
    const made = bundleFor(policyOf(one(resources)), subject("h"), registries);
    return made.kind === "unresolved"
      ? made.problems.map(({ code, message }) => [code, message])
      : [];
  };

  test("a rendered value that its type refuses", () => {
    expect(
      problems('  - { name: a, type: page, path: /a, size: "{{ traits.os.family }}" }\n'),
    ).toMatchObject([["VG501", expect.stringContaining("size")]]);
  });

  test("a map where a text is meant, with the way out", () => {
    const [problem] = problems(
      '  - { name: a, type: page, path: /a, content: "{{ traits.os }}" }\n',
    );
    expect(problem?.[1]).toEndWith("(a template prints it with | json)");
  });

  test("two owners by traits", () => {
    const both = `  - { name: a, type: page, path: "/{{ traits.os.family }}" }
  - { name: b, type: page, path: "/debian" }\n`;
    expect(problems(both)).toEqual([
      ["VG602", "site/b and site/a (configcrates/site.vgo:3) both own file:/debian"],
    ]);
  });

  test("one that no hostcrate is for", () => {
    const policy = policyOf(files);
    expect(bundleFor(policy, subject("mail-1"), registries)).toMatchObject({
      problems: [{ code: "VG901" }],
    });
  });
});

describe("gates that look at hosts", () => {
  const clash = (first: string, second: string) =>
    compiled({
      "envoys.vgo": 'envoys: [{ match: ["/^x$/", "web-[0-9]?.*"], configcrates: [a, b] }]',
      "configcrates/a.vgo": `configcrate: a\nresources: [{ name: m, type: page, path: /motd${first} }]`,
      "configcrates/b.vgo": `configcrate: b\nresources: [{ name: m, type: page, path: /motd${second} }]`,
    });

  test("two configcrates of one host owning one thing: the policy is there, and so is the problem", () => {
    const found = clash("", "");
    expect(found.problems).toMatchObject([
      {
        code: "VG602",
        file: "configcrates/b.vgo",
        line: 2,
        message: "b/m and a/m (configcrates/a.vgo:2) both own file:/motd",
      },
    ]);
    expect(found.policy).toBeDefined();
  });

  test("is not said of what traits may yet keep apart", () => {
    const debian = `, when: os_family("debian")`;
    expect(clash(debian, "").problems).toEqual([]);
    expect(clash(debian, `, when: "!os_family('debian')"`).problems).toEqual([]);
  });

  test("is not said of configcrates that never meet", () => {
    const apart = compiled({
      "envoys.vgo": "envoys: [{ match: a, configcrates: [a] }, { match: b, configcrates: [b] }]",
      "configcrates/a.vgo": "configcrate: a\nresources: [{ name: m, type: page, path: /motd }]",
      "configcrates/b.vgo": "configcrate: b\nresources: [{ name: m, type: page, path: /motd }]",
    });
    expect(apart.problems).toEqual([]);
  });
});
