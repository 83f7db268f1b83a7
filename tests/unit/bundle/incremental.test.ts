/** A tree compiled with what is known of the one before, against the same tree compiled from nothing. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { bundleFor, compile } from "../../../src/core/bundle/compile.ts";
import type { Subject } from "../../../src/core/policy/model.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { isSameFor } from "../../../src/core/policy/resolve.ts";
import { registries, treeOf } from "../../support/policy.ts";

/** Ways each file can be: the first is good, most of the others are, and some are not. */
const variants: Readonly<Record<string, readonly (string | undefined)[]>> = {
  "envoys.vgo": [
    `envoys:
  - { match: "web-*", environment: prod, roles: [web], vars: { port: 443 } }
  - { match: "db-*", environment: test, configcrates: [base, db] }
  - { match: "*", configcrates: [base] }
`,
    `envoys:
  - { match: "db-*", environment: prod, configcrates: [base, db] }
  - { match: "*", environment: prod, roles: [web], where: "traits.os.family == 'debian'" }
`,
    `envoys:
  - { match: "web-*", environment: prod, roles: [web] }
  - { match: "*", configcrates: [base, app, db], noop: true }
`,
    'envoys:\n  - { match: "*", roles: [nobody] }\n',
  ],
  "roles.vgo": [
    "roles:\n  - { role: web, configcrates: [base, app], vars: { workers: 4 } }\n",
    "roles:\n  - { role: web, configcrates: [base], case: { debian: [app] } }\n",
    "roles:\n  - { role: web, configcrates: [app, base, db], vars: { workers: 2, unread: 1 } }\n",
  ],
  "environments.vgo": [
    "env: { prod: { vars: { motd: hello } }, test: { vars: {} } }\n",
    "env: { prod: { vars: { motd: bye }, excluded: [db] }, test: { vars: {}, configcrates: [app] } }\n",
  ],
  "common.vgo": [
    undefined,
    "vars: { motd: common }\nlookups: { sizes: { web-1: big, db-1: small } }\n",
    "vars: { motd: other }\nlookups: { sizes: { web-1: huge } }\n",
  ],
  "configcrates/base.vgo": [
    `configcrate: base
vars: { motd: none, names: [a, b] }
resources:
  - { name: folder, type: directory, target_path: /etc/base }
  - { name: motd, type: file, target_path: /etc/base/motd, content: "{{ vars.motd }} {{ envoy.hostname }}" }
  - { name: each, type: file, foreach: names, target_path: "/etc/base/{{ item }}", content: x, depends_on: motd }
`,
    `configcrate: base
vars: { motd: none, names: [b, c] }
depends_on: app
resources:
  - { name: motd, type: file, target_path: "/etc/{{ traits.os.family }}/motd", content: "{{ vars.motd }}" }
  - { name: each, type: file, foreach: names, target_path: "/etc/base/{{ item }}", content: y }
  - { name: source, type: file, target_path: /etc/source, source: templates/a.liquid }
`,
    `configcrate: base
vars: { motd: none }
resources:
  - { name: motd, type: file, target_path: /etc/base/motd, content: "{{ vars.motd }}", when: "os_family('debian')" }
  - { name: typo, type: file, target_path: /etc/typo, content: "{{ vars.nothing }}" }
`,
    `configcrate: base
when: "environment() == 'prod' && file_exists('/x')"
vars: { motd: none }
resources:
  - { name: motd, type: file, target_path: /etc/app/conf, content: "{{ vars.motd }}" }
`,
  ],
  "configcrates/app.vgo": [
    `configcrate: app
vars: { port: 80, workers: 1 }
resources:
  - { name: conf, type: file, target_path: /etc/app/conf, content: "{{ vars.port }} {{ vars.workers }}" }
  - { name: role, type: file, target_path: /etc/app/role, content: x, when: "role('web') && file_exists('/y')", depends_on: conf }
`,
    `configcrate: app
vars: { port: 80, workers: 1 }
environment_overrides: { prod: { vars: { port: 8080 } } }
resources:
  - { name: conf, type: file, target_path: /etc/app/conf, content: "{{ vars.port }} {{ vars.workers }} {{ traits.os.distro }}", depends_on: base/motd }
  - { name: folder, type: directory, target_path: /etc/app }
`,
    `configcrate: app
vars: { port: 80, workers: 1, size: { lookup: sizes, key: "{{ envoy.hostname }}", default: none } }
resources:
  - { name: conf, type: file, target_path: /etc/app/conf, content: "{{ vars.port }} {{ vars.workers }} {{ vars.size }}" }
`,
    "configcrate: app\nresources:\n  - { name: conf, type: file, target_path: [no] }\n",
  ],
  "configcrates/db.vgo": [
    `configcrate: db
depends_on: base
resources:
  - { name: conf, type: file, target_path: /etc/db, content: db, notify: reload }
  - { name: reload, type: service, service: db, state: reloaded }
  - { name: there, type: file, target_path: /etc/there, content: x, requires: base/motd }
`,
    `configcrate: db
resources:
  - { name: conf, type: file, target_path: /etc/db, content: "db {{ traits.os.distro }}" }
  - { name: conf2, type: file, target_path: /etc/db2, content: secret, before: base }
`,
    undefined,
  ],
  "templates/a.liquid": ["from a file {{ vars.motd }}\n", "another {{ traits.os.distro }}\n"],
};
const names = Object.keys(variants);

type Choice = readonly number[];
const files = (choice: Choice): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name, at) => {
      const all = variants[name] ?? [];
      const text = all[(choice[at] ?? 0) % all.length];
      return text === undefined ? [] : [[name, text] as const];
    }),
  );

const os = (family: string) => ({ os: { family, distro: family, version: "12" } });
const hosts: readonly Subject[] = [
  ...["web-1", "web-2", "db-1", "other"].map((hostname) => ({
    id: `id-${hostname}`,
    hostname,
    traits: os("debian"),
  })),
  { id: "id-web-3", hostname: "web-3", traits: os("rhel") },
  { id: "id-db-2", hostname: "db-2", traits: {} },
];

const outcomes = (policy: Policy) =>
  hosts.map((host) => {
    const made = bundleFor(policy, host, registries);
    if (made.kind === "unresolved") return made;
    const { outline: _, variant: __, ...resolved } = made.resolved;
    const { bytes, digest } = made.encoded;
    return {
      text: new TextDecoder().decode(bytes),
      digest: Buffer.from(digest).toString("hex"),
      resolved,
    };
  });

/** A few files changed at a time, and now and then one changed back. */
const edit = fc.array(fc.record({ file: fc.nat(names.length - 1), to: fc.nat(3) }), {
  minLength: 1,
  maxLength: 2,
});

test("gives the same problems, warnings and bundles, byte by byte", () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
      let choice: Choice = names.map(() => 0);
      let before = compile(treeOf(files(choice)), registries).policy;
      for (const one of edits) {
        if (before !== undefined) outcomes(before);
        choice = one.reduce((now, { file, to }) => now.with(file, to), choice);
        const tree = treeOf(files(choice));
        const [warm, cold] = [compile(tree, registries, before), compile(tree, registries)];
        expect([warm.problems, warm.warnings]).toEqual([cold.problems, cold.warnings]);
        if (warm.policy === undefined || cold.policy === undefined) {
          expect(warm.policy === undefined).toBe(cold.policy === undefined);
          continue;
        }
        expect(outcomes(warm.policy)).toEqual(outcomes(cold.policy));
        before = warm.policy;
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);

test("hosts that are said to get the same do", () => {
  let same = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const choice = edits.flat().reduce(
        (now: Choice, { file, to }) => now.with(file, to),
        names.map(() => 0),
      );
      const before = compile(treeOf(files(names.map(() => 0))), registries).policy;
      if (before === undefined) throw new Error("the first tree is not good");
      const then = hosts.map((host) => bundleFor(before, host, registries));
      const after = compile(treeOf(files(choice)), registries, before).policy;
      if (after === undefined) return;
      for (const [at, made] of then.entries()) {
        if (made.kind === "unresolved" || !isSameFor(made.resolved, before, after)) continue;
        same++;
        const now = bundleFor(after, hosts[at] as Subject, registries);
        expect(now.kind === "bundle" && now.encoded.digest).toEqual(made.encoded.digest);
      }
    }),
    { numRuns: 100 },
  );
  expect(same).toBeGreaterThan(20);
}, 60_000);
