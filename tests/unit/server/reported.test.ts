/** Sections of traits are read as far as resolutions need them; what an envoy gets is the same as with all of them. */
import { expect, test } from "bun:test";
import { bundleFor, compile } from "../../../src/core/bundle/compile.ts";
import type { Json } from "../../../src/core/json.ts";
import { Reported } from "../../../src/modes/server/policy/reported.ts";
import { resources } from "../../../src/core/resources/index.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { treeOf } from "../../support/policy.ts";

const registries = { resources, traits };

const tree = treeOf({
  "envoys.vgo": 'envoys:\n  - { match: "*", configcrates: [one], roles: [web] }\n',
  "roles.vgo": "roles:\n  - { role: web, configcrates: [], case: { debian: [two] } }\n",
  "common.vgo": "lookups: { sizes: { 4: small } }\n",
  "configcrates/one.vgo": `configcrate: one
vars: { size: { lookup: sizes, key: "{{ traits.hardware.cpu_count }}", default: none } }
resources:
  - { name: a, type: file, target_path: /etc/a, content: "{{ vars.size }}" }
  - { name: b, type: file, target_path: /etc/b, content: x, when: "os_family('debian')" }
`,
  "configcrates/two.vgo": `configcrate: two
resources:
  - { name: c, type: file, target_path: /etc/c, content: "{{ traits.locale.lang }}" }
`,
});

const all: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  debian: {
    os: { family: "debian", distro: "debian", version: "12" },
    hardware: { cpu_count: 4 },
    locale: { lang: "C", keymap: "" },
    memory: { total_bytes: 1 },
  },
  rhel: { os: { family: "rhel", distro: "rocky", version: "9" }, hardware: { cpu_count: 2 } },
  silent: {},
};

function world() {
  const asked: string[] = [];
  const rows = (id: string) =>
    Object.entries(all[id] ?? {}).map(([section, value]) => ({ section, value }));
  const store = {
    some: async (id: string, sections: readonly string[]) => {
      asked.push(`${id}: ${[...sections].sort().join(" ")}`);
      return rows(id).filter(({ section }) => sections.includes(section));
    },
    of: async (id: string) => {
      asked.push(`${id}: all`);
      const more = { envoyId: id, hash: "", collectedAt: 0, stale: false };
      return rows(id).map((row) => ({ ...row, ...more }));
    },
  };
  const reported = new Reported(store);
  const { policy } = compile(tree, registries);
  if (policy === undefined) throw new Error("the tree is not good");
  const resolve = (id: string) =>
    reported.ask(
      id,
      (told) => bundleFor(policy, { id, hostname: id, traits: told }, registries),
      (made) => (made.kind === "unresolved" ? undefined : made.resolved.sectionsRead),
    );
  const alone = (id: string) =>
    bundleFor(policy, { id, hostname: id, traits: all[id] ?? {} }, registries);
  return { asked, resolve, alone };
}

test("the first is read whole, and the next as far as it was of use", async () => {
  const { asked, resolve, alone } = world();
  const order = ["debian", "rhel", "debian", "rhel"];
  for (const id of order) {
    const [one, other] = [await resolve(id), alone(id)];
    if (one.kind !== "bundle" || other.kind !== "bundle") throw new Error("not resolved");
    expect(Buffer.from(one.encoded.digest)).toEqual(Buffer.from(other.encoded.digest));
  }
  expect(asked).toEqual([
    "debian: ",
    "debian: all",
    "rhel: hardware locale os",
    "debian: hardware locale os",
    "rhel: hardware locale os",
  ]);
});

test("who cannot be resolved is told why with all that it has reported", async () => {
  const { asked, resolve, alone } = world();
  await resolve("rhel");
  const [one, other] = [await resolve("silent"), alone("silent")];
  expect(one.kind).toBe("unresolved");
  expect(one).toEqual(other as never);
  expect(asked).toContain("silent: all");
});
