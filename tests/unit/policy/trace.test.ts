import { expect, test } from "bun:test";
import { trace } from "../../../src/core/policy/trace.ts";
import { policyOf } from "../../support/policy.ts";
import { sampleValues } from "../../support/sample-traits.ts";

const policy = policyOf({
  "configcrates/app.vgo": `
configcrate: app
vars: { port: 80, db: { host: a } }
resources:
  - { name: one, type: file, target_path: /a, content: "{{ vars.port }} {{ vars.db | json }}", depends_on: gone }
  - { name: two, type: file, target_path: /b, content: x, when: 'os_family("rhel")' }
  - { name: three, type: file, target_path: /c, content: x, when: file_exists("/x") }
  - { name: each, type: file, foreach: [x, y], target_path: "/{{ item }}", content: x }
`,
  "configcrates/sites.vgo": `
configcrate: sites
foreach: [blog, shop]
resources:
  - { name: page, type: file, foreach: [a, b], target_path: "/{{ crate.item }}/{{ item }}", content: x }
  - { name: pages, type: file, target_path: "/{{ item }}", content: x }
`,
  "configcrates/gone.vgo": "configcrate: gone\n",
  "configcrates/debug.vgo": "configcrate: debug\nwhen: vars.port == 1\n",
  "common.vgo": "configcrates: [gone, debug]\nvars: { port: 8000 }\n",
  "roles.vgo": "roles: [{ role: web, configcrates: [app, sites], vars: { db: { port: 1 } } }]\n",
  "environments.vgo":
    "env: { production: { exclude_configcrates: [gone], vars: { port: 443 } } }\n",
  "envoys.vgo": `
envoys:
  - { match: "db-*" }
  - { match: "web-*", where: 'os_family("rhel")' }
  - { match: "web-*", environment: production, roles: [web] }
`,
});
const subject = { id: "1", hostname: "web-1", traits: sampleValues as never };

test("the whole story of a host", () => {
  const story = trace(policy, subject);
  expect(story.passedOver.map(({ place, why }) => [place.line, why])).toEqual([
    [3, "name"],
    [4, "where"],
  ]);
  expect(story.hostcrate?.line).toBe(5);
  expect(story.environment).toBe("production");
  expect(story.roles.map(({ name }) => name)).toEqual(["web"]);
  expect(story.configcrates).toMatchObject([
    { name: "debug", because: "common.vgo", when: { source: "vars.port == 1", decision: "out" } },
    { name: "app", because: "role web (hostcrate)" },
    { name: "sites", because: "role web (hostcrate)" },
    {
      name: "gone",
      because: "common.vgo",
      excludedBy: "environment production (environments.vgo)",
    },
  ]);
  expect(story.vars.find(({ name }) => name === "port")).toMatchObject({
    value: 443,
    set: [
      { what: "common.vgo", value: 8000, place: { file: "common.vgo", line: 2, column: 9 } },
      { what: "environment production (environments.vgo)", value: 443 },
    ],
  });
  expect(story.dropped).toMatchObject([{ to: "gone" }]);
  expect(story.problems).toEqual([]);
});

test("one configcrate: its own vars come first, and each resource says why it is in or out", () => {
  const story = trace(policy, subject, { crate: "app" });
  expect(story.vars.find(({ name }) => name === "port")?.set.map(({ what }) => what)).toEqual([
    "configcrate app",
    "common.vgo",
    "environment production (environments.vgo)",
  ]);
  expect(story.vars.find(({ name }) => name === "db")?.value).toEqual({ host: "a", port: 1 });
  expect(story.resources.map(({ name, decision, keys }) => [name, decision, keys])).toEqual([
    ["app/one", "in", ["app/one"]],
    ["app/two", "out", []],
    ["app/three", "travels", ["app/three"]],
    ["app/each", "in", ["app/each[x]", "app/each[y]"]],
  ]);
});

test("a configcrate that is there once for each item: what is in which", () => {
  const story = trace(policy, subject, { crate: "sites" });
  expect(story.resources.map(({ name, keys }) => [name, keys])).toEqual([
    [
      "sites/page",
      ["sites[blog]/page[a]", "sites[blog]/page[b]", "sites[shop]/page[a]", "sites[shop]/page[b]"],
    ],
    ["sites/pages", ["sites[blog]/pages", "sites[shop]/pages"]],
  ]);
});

test("a host that no block takes says which were passed over and why", () => {
  const story = trace(policy, { ...subject, hostname: "mail" });
  expect(story.hostcrate).toBeUndefined();
  expect(story.passedOver).toHaveLength(3);
  expect(story.problems.map(({ code }) => code)).toEqual(["VG901"]);
});

test("what lookups come to, claims of controls and waivers", () => {
  const told = trace(
    policyOf({
      "common.vgo": "lookups: { ip: { web-1: 10.0.0.1 } }\n",
      "configcrates/compliance.vgo": "compliance: cis:1\n",
      "configcrates/a.vgo": `
configcrate: a
compliance: [cis:2]
vars: { ip: { lookup: ip, key: "{{ envoy.hostname }}", required: true } }
resources: [{ name: a, type: file, target_path: /a, content: "{{ vars.ip }}" }]
`,
      "compliance.vgo": `
waivers:
  - { controls: [cis:2], match: "web-*", reason: later, until: 2027-12-31 }
  - { controls: [cis:1], match: "db-*", reason: never, until: 2027-12-31 }
`,
      "envoys.vgo": 'envoys: [{ match: "*", configcrates: [a] }]\n',
    }),
    subject,
    { crate: "a" },
  );
  expect(told.vars).toMatchObject([
    { name: "ip", value: "10.0.0.1", set: [{ what: "configcrate a" }] },
  ]);
  expect(told.configcrates).toMatchObject([{ name: "a", compliance: ["cis:1", "cis:2"] }]);
  expect(told.waivers).toMatchObject([
    { controls: ["cis:2"], reason: "later", until: "2027-12-31" },
  ]);
});
