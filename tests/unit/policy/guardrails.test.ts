import { expect, test } from "bun:test";
import { guardrail } from "../../../src/core/policy/guardrails.ts";
import { resources } from "../../../src/core/resources/index.ts";

const refused: readonly (readonly [type: string, params: object])[] = [
  ["service", { service: "vigo-agent", state: "stopped" }],
  ["service", { service: "vigo-server.service", state: "stopped", masked: true }],
  ["service", { service: "vigo-agent", enabled: false }],
  ["systemd_unit", { unit: "vigo-agent.service", content: "", started: false }],
  ["systemd_unit", { unit: "vigo-agent.service", state: "absent" }],
  ["package", { package: ["curl", "vigo"], state: "absent" }],
  ["file", { target_path: "/etc/vigo-envoy/config", content: "" }],
  ["file", { target_path: "/etc//vigo-envoy/config", content: "" }],
  ["directory", { target_path: "/etc/vigo-envoy", mode: "0755" }],
  ["file", { target_path: "/etc/vigo-envoy/executors.d/x", content: "" }],
  ["file", { target_path: "/usr/local/bin/vigo", mode: "0000" }],
  ["directory", { target_path: "/srv/vigo/stacks", state: "absent" }],
  ["directory", { target_path: "/var/lib", state: "absent" }],
  ["directory", { target_path: "/", state: "absent" }],
  ["directory", { target_path: "/var/lib", purge: true }],
  ["directory", { target_path: "/var", recurse: true, mode: "go=" }],
  ["symlink", { target_path: "/srv/vigo", to: "/tmp" }],
  ["symlink", { target_path: "/srv", to: "/tmp" }],
  ["file", { target_path: "/etc/./vigo-envoy/./config", content: "" }],
  ["file", { target_path: "/bin/vigo", state: "absent" }],
  ["symlink", { target_path: "/etc/systemd/system/vigo-agent.service", to: "/dev/null" }],
  ["systemd_unit", { unit: "vigo-agent.service", content: "[Service]\nExecStart=/bin/true\n" }],
  ["systemd_timer", { timer: "vigo-agent", on_calendar: "daily", command: "true" }],
  ["directory", { target_path: "/etc/systemd/system", purge: true }],
  ["archive", { target_path: "/srv/vigo/stacks", source_path: "/root/x.tar" }],
  ["archive", { target_path: "/srv", source_path: "/root/x.tar", state: "absent" }],
  ["acl", { path: "/var/lib/vigo-envoy", entries: ["u:dana:rwx"] }],
  ["acl", { path: "/var/lib", entries: ["u:dana:rwx"], recurse: true }],
  ["user", { username: "vigo", state: "absent" }],
  ["user", { username: "root", state: "absent" }],
  ["group", { group: "vigo", state: "absent" }],
  ["process", { process: "vigo", state: "stopped" }],
  ["process", { process: "vigo", max: 1 }],
  ["process", { process: "agent", match_mode: "pattern", state: "stopped" }],
  ["mount", { path: "/srv/vigo/", state: "absent" }],
  ["mount", { path: "/var", state: "unmounted" }],
];
const allowed: readonly (readonly [type: string, params: object])[] = [
  ["service", { service: "vigo-agent", enabled: true }],
  ["service", { service: "vigo-agent", state: "restarted" }],
  ["service", { service: "nginx", state: "stopped", masked: true }],
  ["systemd_unit", { unit: "vigo-agent.service", drop_in: "nice", state: "absent" }],
  ["package", { package: "vigo" }],
  ["package", { package: "vigorous", state: "absent" }],
  ["file", { target_path: "/etc/vigo-envoy/executors/licence", mode: "0755" }],
  ["directory", { target_path: "/etc/vigo-envoy/traits.d", purge: true }],
  ["file", { target_path: "/srv/vigorous", content: "" }],
  ["directory", { target_path: "/srv", mode: "0755" }],
  ["directory", { target_path: "/srv/web", state: "absent" }],
  ["archive", { target_path: "/", source_path: "/root/x.tar" }],
  ["acl", { path: "/var/lib", entries: ["u:dana:rwx"] }],
  ["user", { username: "vigo", shell: "/usr/sbin/nologin" }],
  ["user", { username: "root", locked: true }],
  ["process", { process: "vigor", state: "stopped" }],
  ["process", { process: "vigo", min: 2, restart_unit: "vigo-server.service" }],
  ["process", { process: "^/opt/app", match_mode: "pattern", state: "stopped" }],
  ["mount", { path: "/srv/vigo", device: "/dev/sdb1" }],
  ["mount", { path: "/srv/web", state: "absent" }],
];

function ask(name: string, params: object): string | undefined {
  const type = resources.find((each) => each.name === name);
  if (type === undefined) throw new Error(name);
  return guardrail(type, type.params.parse(params));
}

test.each(refused)("%s %j is refused", (type, params) => expect(ask(type, params)).toBeString());
test.each(allowed)("%s %j is allowed", (type, params) => expect(ask(type, params)).toBeUndefined());

test("a home elsewhere is protected too", () => {
  const file = resources.find(({ name }) => name === "file");
  const params = { target_path: "/opt/v/tls/ca_key.pem", state: "absent" };
  expect(file && guardrail(file, params, ["/opt/v"])).toContain("belongs to Vigo itself");
});
