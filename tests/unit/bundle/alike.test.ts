/** Hosts that share the work of resolving, against each of them alone: nothing of one may show in another. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { bundleFor, compile } from "../../../src/core/bundle/compile.ts";
import type { Subject } from "../../../src/core/policy/model.ts";
import { registries, treeOf } from "../../support/policy.ts";

/** Resources that come to something else for each host, in one way or another. */
const pieces: readonly string[] = [
  `{ name: plain, type: file, target_path: /etc/plain, content: "{{ envoy.hostname }}", notify: reload }`,
  `{ name: within, type: file, target_path: /etc/within, content: "port {{ vars.port }} of {{ envoy.hostname | upcase }} {{ envoy.id }}", mode: "0644" }`,
  `{ name: path, type: file, target_path: "/etc/{{ envoy.hostname }}/motd", content: x, depends_on: folder }`,
  `{ name: clash, type: file, target_path: "/etc/only-{{ envoy.hostname }}", content: y }`,
  `{ name: taken, type: file, target_path: /etc/only-web-2, content: z }`,
  `{ name: state, type: file, target_path: /etc/state, state: "{% if envoy.hostname == 'web-1' %}absent{% else %}present{% endif %}" }`,
  `{ name: mode, type: file, target_path: /etc/mode, content: x, mode: "{% if envoy.hostname == 'web-3' %}none{% else %}0600{% endif %}" }`,
  `{ name: items, type: file, foreach: names, target_path: "/etc/items-{{ item }}", content: "{{ item }} {{ envoy.hostname }}" }`,
  `{ name: chosen, type: service, select: { on: "{{ envoy.hostname }}", cases: { web-1: { service: x, state: reloaded }, default: { service: x, enabled: true } } }, depends_on: folder }`,
  `{ name: secret, type: file, target_path: /etc/secret, content: "secret{web/key} {{ envoy.hostname }}" }`,
  `{ name: other-secret, type: file, target_path: /etc/other-secret, content: "secret:{% if envoy.hostname == 'web-1' %}a{% else %}b{% endif %}" }`,
  `{ name: trait, type: file, target_path: /etc/trait, content: "{{ traits.os.distro }}" }`,
  `{ name: asked, type: file, target_path: /etc/asked, content: "{{ envoy.hostname }}", when: "os_family('debian')" }`,
  `{ name: travels, type: file, target_path: /etc/travels, content: "{{ envoy.hostname }}", when: "role('web') && file_exists('/x')" }`,
  `{ name: missing, type: file, target_path: /etc/missing, content: "{{ vars[envoy.hostname] | default: 'none' }}" }`,
  `{ name: file, type: file, target_path: /etc/file, source: templates/name.liquid, sensitive: true }`,
  `{ name: any, type: file, target_path: /etc/any, source: "templates/{{ vars.which }}.liquid", noop: true }`,
  `{ name: looked, type: file, target_path: /etc/looked, content: "{{ vars.size }} {{ envoy.hostname }}" }`,
];

const crate = (name: string, chosen: readonly number[], repeated: boolean): string => {
  const written = chosen.map((at) =>
    pieces[at]?.replaceAll("/etc/", `/etc/${name}${repeated ? "-{{ item }}" : ""}/`),
  );
  const folder = `/etc/${name}${repeated ? "-{{ item }}" : ""}`;
  return `configcrate: ${name}
${repeated ? "foreach: names\n" : ""}vars: { port: 80, names: [a, b], which: name, size: { lookup: sizes, key: "{{ envoy.hostname }}", default: none } }
resources:
  - { name: folder, type: directory, target_path: "${folder}" }
  - { name: reload, type: service, service: ${name}, state: reloaded }
${written.map((piece) => `  - ${piece}\n`).join("")}  - { name: told, type: file, target_path: "${folder}/told", content: x, notify: reload }
`;
};

const host = (name: string, family: string): Subject => ({
  id: `id-${name}`,
  hostname: name,
  traits: { os: { family, distro: family, version: "12" } },
});
const hosts = ["web-1", "web-2", "web-3", "web-4"].flatMap((name) => [
  host(name, "debian"),
  host(name, "rhel"),
]);

const files = (one: readonly number[], other: readonly number[], repeated: boolean) => ({
  "envoys.vgo": 'envoys:\n  - { match: "*", roles: [web] }\n',
  "roles.vgo": "roles:\n  - { role: web, configcrates: [one, other] }\n",
  "common.vgo": "lookups: { sizes: { web-1: big, web-2: small } }\n",
  "configcrates/one.vgo": crate("one", one, false),
  "configcrates/other.vgo": crate("other", other, repeated),
  "templates/name.liquid": "{{ vars.port }} {{ envoy.hostname }}\n",
});

const outcome =
  (tree: ReturnType<typeof treeOf>, shared: ReturnType<typeof compile>["policy"]) =>
  (subject: Subject) => {
    const policy = shared ?? compile(tree, registries).policy;
    if (policy === undefined) throw new Error("the tree is not good");
    const made = bundleFor(policy, subject, registries);
    if (made.kind === "unresolved") return made.problems;
    const { outline: _, variant: __, ...resolved } = made.resolved;
    const text = new TextDecoder().decode(made.encoded.bytes);
    expect(new Bun.CryptoHasher("sha256").update(text).digest("hex")).toBe(
      Buffer.from(made.encoded.digest).toString("hex"),
    );
    expect(made.encoded.size).toBe(Buffer.byteLength(text));
    return { text, resolved, size: made.encoded.size };
  };

const chosen = fc.uniqueArray(fc.nat(pieces.length - 1), { maxLength: 5 });

test("come to the same, byte by byte, in whichever order they are asked", () => {
  let [variants, refused] = [0, 0];
  fc.assert(
    fc.property(
      chosen,
      chosen,
      fc.boolean(),
      fc.shuffledSubarray(hosts, { minLength: 3, maxLength: 5 }),
      (one, other, repeated, order) => {
        const tree = treeOf(files(one, other, repeated));
        const { policy } = compile(tree, registries);
        if (policy === undefined) return;
        const together = order.map(outcome(tree, policy));
        expect(together).toEqual(order.map(outcome(tree, undefined)));
        refused += together.filter((each) => Array.isArray(each)).length;
        for (const each of order) {
          const made = bundleFor(policy, each, registries);
          if (made.kind === "bundle" && made.resolved.variant !== undefined) variants++;
        }
      },
    ),
    { numRuns: 50 },
  );
  expect(variants).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(0);
}, 60_000);
