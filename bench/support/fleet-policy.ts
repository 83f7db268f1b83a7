/**
 * A stacks tree and a fleet of some size, made up alike every time: what policy looks like that has grown for years. Must not
 * know how it is resolved.
 */
import type { Json } from "../../src/core/json.ts";
import type { Subject, Tree } from "../../src/core/policy/model.ts";
import { traits as registry } from "../../src/core/traits/index.ts";

/** Nine or ten resources each; one in ten renders the hostname, one in five a trait, one in four has a condition. */
export function fleetTree(crates: number): Tree {
  const files = new Map<string, string>([
    [
      "environments.vgo",
      "env: { production: { vars: { workers: 8 } }, staging: { vars: { workers: 2 } } }\n",
    ],
    ["roles.vgo", `roles:\n${rolesOf(crates)}`],
  ]);
  for (let index = 0; index < crates; index++)
    files.set(`configcrates/team-${index % 8}/crate-${index}.vgo`, crateText(index));
  files.set("envoys.vgo", hostcrates);
  const encoder = new TextEncoder();
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return { files: new Map(sorted.map(([path, text]) => [path, encoder.encode(text)])) };
}

const rolesOf = (crates: number) =>
  Array.from({ length: 4 }, (_, role) => {
    const names = Array.from({ length: crates }, (_, index) => index).filter((i) => i % 4 === role);
    return `  - { role: role-${role}, configcrates: [${names.map((i) => `crate-${i}`).join(", ")}] }\n`;
  }).join("");

const hostcrates = `envoys:
  - match: "stage-*"
    environment: staging
    roles: [role-0, role-1, role-2, role-3]
  - match: ["web-*", "db-*"]
    environment: production
    roles: [role-0, role-1, role-2, role-3]
    vars: { port: 443 }
`;

function crateText(index: number): string {
  const name = `crate-${index}`;
  const content = [
    `server {\\n  listen {{ vars.port }};\\n  workers {{ vars.workers | default: 4 }};`,
    index % 10 === 0 ? "  server_name {{ envoy.hostname }};" : "  server_name _;",
    index % 5 === 0 ? "  # {{ traits.os.distro }} on {{ traits.hardware.cpu_count }} cores" : "  #",
    "}\\n",
  ].join("\\n");
  const files = Array.from(
    { length: 5 },
    (_, file) =>
      `  - { name: file-${file}, type: file, target_path: /etc/${name}/file-${file}.conf, content: "${content}", mode: "0644", notify: reload }\n`,
  );
  const when = index % 4 === 0 ? ", when: os_family('debian') && in_percent(50)" : "";
  return `configcrate: ${name}
vars: { port: ${8000 + index} }
${index % 7 === 0 && index > 0 ? `depends_on: [crate-${index - 1}]\n` : ""}resources:
  - { name: folder, type: directory, target_path: /etc/${name}, mode: "0755" }
${files.join("")}  - { name: package, type: package, package: ${name}, before: folder }
  - { name: running, type: service, service: ${name}, enabled: true, depends_on: package${when} }
  - { name: reload, type: service, service: ${name}, state: reloaded }
${index % 2 === 0 ? `  - { name: ready, type: exec, command: [touch, /run/${name}], creates: /run/${name}, when: "!file_exists('/etc/${name}/off')" }\n` : ""}`;
}

const examples = Object.fromEntries(registry.map((trait) => [trait.name, trait.example as Json]));

/** Hosts of three kinds, with two sizes of machine. */
export const fleet = (count: number): readonly Subject[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `00000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`,
    hostname: `${["web", "db", "stage"][index % 3]}-${index}.example.com`,
    traits: {
      ...examples,
      hardware: { ...(examples["hardware"] as object), cpu_count: index % 2 === 0 ? 4 : 16 },
    },
  }));
