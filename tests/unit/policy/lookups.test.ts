import { expect, test } from "bun:test";
import { resolve } from "../../../src/core/policy/resolve.ts";
import { policyOf } from "../../support/policy.ts";
import { sampleValues } from "../../support/sample-traits.ts";

const policy = policyOf({
  "common.vgo":
    "lookups:\n  ip: { web-1: 10.0.0.1, web-2: 10.0.0.1, web-3: 10.0.0.3 }\n  pkg: { debian: apache2 }\n",
  "configcrates/a.vgo": `
configcrate: a
vars: { pkg: { lookup: pkg, key: "{{ traits.os.family }}", default: httpd } }
resources: [{ name: a, type: file, target_path: /a, content: "{{ vars.ip }}" }]
`,
  "configcrates/b.vgo": `
configcrate: b
vars: { pkg: { lookup: pkg, key: "{{ traits.os.family }}", default: httpd } }
resources: [{ name: b, type: package, package: "{{ vars.pkg }}" }]
`,
  "configcrates/rhel.vgo": `
configcrate: rhel
when: os_family("rhel")
vars: { only: { lookup: ip, key: rhel, required: true } }
resources: [{ name: c, type: file, target_path: /c, content: "{{ vars.only }}" }]
`,
  "envoys.vgo": `
envoys:
  - match: "web-*"
    configcrates: [a, b, rhel]
    vars: { ip: { lookup: ip, key: "{{ envoy.hostname }}", required: true } }
  - { match: "*", configcrates: [a], vars: { ip: { lookup: ip, key: web-3, default: none } } }
`,
});
const on = (hostname: string, traits: unknown = sampleValues) =>
  resolve(policy, { id: hostname, hostname, traits: traits as never });

const contents = (hostname: string, traits?: unknown) => {
  const resolution = on(hostname, traits);
  return resolution.kind === "resolved"
    ? resolution.resources.map(({ params }) => params["content"] ?? params["package"])
    : resolution.problems.map(({ code }) => code);
};

test("each host gets its own value, before and after others were asked", () => {
  for (const _ of [1, 2]) {
    expect(contents("web-1")).toEqual(["10.0.0.1", "apache2"]);
    expect(contents("web-3")).toEqual(["10.0.0.3", "apache2"]);
    expect(contents("db-1")).toEqual(["10.0.0.3"]);
    expect(contents("web-9")).toEqual(["VG512"]);
  }
});

test("hosts for which a lookup comes to the same share the very same list", () => {
  const [one, two] = [on("web-1"), on("web-2")];
  if (one.kind !== "resolved" || two.kind !== "resolved") throw new Error("not resolved");
  expect(one.resources).toBe(two.resources);
});

test("what a key reads makes the host dirty, and a trait that is missing is no empty key", () => {
  const resolution = on("web-1");
  expect(resolution.kind === "resolved" && resolution.sectionsRead).toEqual(["os"]);
  // Nor can the server leave out the configcrate that asks the same trait.
  expect(contents("web-1", {})).toEqual(["VG106", "VG512"]);
});

test("a required key is not asked for where its configcrate is left out", () => {
  const rhel = { ...sampleValues, os: { ...(sampleValues["os"] as object), family: "rhel" } };
  expect(contents("web-1", rhel)).toEqual(["VG512"]);
});
