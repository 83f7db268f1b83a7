/**
 * The fleet that speed is promised for: configcrates of 20 resources, twenty of them an envoy in some hundreds of combinations, one
 * resource in fifty reading what only the envoy knows. Made up alike every time. Must not know how it is resolved.
 */
import type { Json } from "../../src/core/json.ts";
import type { Subject, Tree } from "../../src/core/policy/model.ts";
import { traits as registry } from "../../src/core/traits/index.ts";

export interface LargeFleet {
  readonly envoys: number;
  readonly crates: number;
  /** Hostcrates, each with a choice of configcrates of its own. */
  readonly combinations: number;
  /** What one resource in fifty reads: names make every bundle another, traits make a few kinds. */
  readonly reads: "names and traits" | "traits";
}

const cratesARole = 5;
/** Four roles an envoy, so far from one another that no two combinations have the same. */
const strides = [0, 7, 31, 53];

export function largeTree({ crates, combinations, reads }: LargeFleet): Tree {
  const roles = Math.ceil(crates / cratesARole);
  const files = new Map<string, string>([
    ["environments.vgo", "env: { production: { vars: { workers: 8 } } }\n"],
    ["envoys.vgo", `envoys:\n${times(combinations, (at) => hostcrate(at, roles))}`],
    ["roles.vgo", `roles:\n${times(roles, (at) => role(at, crates))}`],
  ]);
  for (let at = 0; at < crates; at++) files.set(crateFile(at), crateText(at, reads));
  const encoder = new TextEncoder();
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return { files: new Map(sorted.map(([path, text]) => [path, encoder.encode(text)])) };
}

export const crateFile = (at: number): string => `configcrates/team-${at % 8}/crate-${at}.vgo`;

/** The tree with one letter of one configcrate changed. */
export function withOneChange({ files }: Tree, at: number, mode: string): Tree {
  const path = crateFile(at);
  const text = new TextDecoder().decode(files.get(path)).replace(/mode: "0\d+"/, `mode: "${mode}"`);
  return { files: new Map([...files, [path, new TextEncoder().encode(text)]]) };
}

const hostcrate = (at: number, roles: number): string => {
  const round = Math.floor(at / roles);
  const names = strides.map((stride) => `role-${(at + stride * (round + 1)) % roles}`);
  return `  - match: "kind${at}-*"\n    environment: production\n    roles: [${names.join(", ")}]\n`;
};

const role = (at: number, crates: number): string => {
  const names = Array.from({ length: cratesARole }, (_, index) => at * cratesARole + index);
  const there = names.filter((name) => name < crates).map((name) => `crate-${name}`);
  return `  - { role: role-${at}, configcrates: [${there.join(", ")}] }\n`;
};

/** Sixteen files in a folder of their own, a package before, and a service that is told of changes. */
function crateText(at: number, reads: LargeFleet["reads"]): string {
  const name = `crate-${at}`;
  return `configcrate: ${name}
vars: { port: ${8000 + at} }
${at % 7 === 0 && at > 0 ? `depends_on: [crate-${at - 1}]\n` : ""}resources:
  - { name: package, type: package, package: ${name}, before: folder }
  - { name: folder, type: directory, target_path: /etc/${name}, mode: "0755" }
${times(16, (file) => fileText(at, file, reads))}  - { name: running, type: service, service: ${name}, enabled: true, depends_on: package${at % 4 === 0 ? ", when: os_family('debian')" : ""} }
  - { name: reload, type: service, service: ${name}, state: reloaded }
`;
}

/** Every fiftieth resource of the tree is one that reads; the file among the twenty of its configcrate it falls to varies. */
function fileText(crate: number, file: number, reads: LargeFleet["reads"]): string {
  const count = crate * 20 + file + 2;
  const special = Math.floor((count + 25) / 50);
  const reading = (count + 25) % 50 === 0;
  const name = reads === "traits" || special % 2 === 0 ? undefined : "{{ envoy.hostname }}";
  const trait = "{{ traits.os.distro }} with {{ traits.hardware.cpu_count }} cores";
  const third = reading ? (name ?? trait) : "the same on every host";
  const content = `listen {{ vars.port }};\\nworkers {{ vars.workers | default: 4 }};\\n# ${third}\\n`;
  const target = `/etc/crate-${crate}/file-${file}.conf`;
  return `  - { name: file-${file}, type: file, target_path: ${target}, content: "${content}", mode: "0644", notify: reload }\n`;
}

const examples = Object.fromEntries(registry.map((trait) => [trait.name, trait.example as Json]));

/** As many to a combination, with two sizes of machine. */
export const largeFleet = ({ envoys, combinations }: LargeFleet): readonly Subject[] =>
  Array.from({ length: envoys }, (_, at) => ({
    id: `00000000-0000-4000-8000-${at.toString(16).padStart(12, "0")}`,
    hostname: `kind${at % combinations}-${at}.example.com`,
    traits: {
      ...examples,
      hardware: { ...(examples["hardware"] as object), cpu_count: at % 2 === 0 ? 4 : 16 },
    },
  }));

const times = (count: number, text: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => text(at)).join("");
