import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { route } from "../../src/core/resources/route.ts";
import { cases } from "../support/cases.ts";
import { type Act, edits } from "../support/fake-host.ts";

const kernel = "/kernel";
const show = "ip -j -4 route show exact 10.8.0.0/16";
const list: Act = (files) => files.get(kernel) ?? "[]";
const json = (gateway: string, metric?: number) =>
  JSON.stringify([
    { dst: "10.8.0.0/16", gateway, dev: "eth0", ...(metric && { metric }), flags: [] },
  ]);
const replace = "ip -4 route replace 10.8.0.0/16 via 10.0.0.254 metric 0";
const becomes = (text: string) => edits(kernel, () => text);
const wish = { destination: "10.8.1.2/16", gateway: "10.0.0.254", persist: false };
const name = "vigo-route-10-8-0-0-16-0.service";
const unit = `/etc/systemd/system/${name}`;
const link = `/etc/systemd/system/multi-user.target.wants/${name}`;
const text = `# Kept by Vigo.
[Unit]
Description=Route to 10.8.0.0/16
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${replace}

[Install]
WantedBy=multi-user.target
`;
const shown = `systemctl show --property=LoadState,ActiveState,UnitFileState -- ${name}`;

cases(route, {
  "sets a route": {
    given: { commands: { [show]: list, [replace]: becomes(json("10.0.0.254")) } },
    wish,
    does: [`run ${replace}`],
    says: { route: [undefined, "via 10.0.0.254"] },
  },
  "leaves a right one alone": {
    given: { files: { [kernel]: json("10.0.0.254") }, commands: { [show]: list } },
    wish,
    does: [],
  },
  "turns another gateway": {
    given: {
      files: { [kernel]: json("10.0.0.1") },
      commands: { [show]: list, [replace]: becomes(json("10.0.0.254")) },
    },
    wish,
    does: [`run ${replace}`],
    says: { route: ["via 10.0.0.1 dev eth0", "via 10.0.0.254"] },
  },
  "leaves one of another metric alone": {
    given: {
      files: { [kernel]: json("10.0.0.1", 50) },
      commands: { [show]: list, [replace]: becomes(json("10.0.0.254")) },
    },
    wish,
    does: [`run ${replace}`],
    says: { route: [undefined, "via 10.0.0.254"] },
  },
  "brings the former one back when the machine is cut off": {
    given: {
      files: { [kernel]: json("10.0.0.1") },
      commands: {
        [show]: list,
        [replace]: becomes(json("10.0.0.254")),
        "ip -4 route replace 10.8.0.0/16 via 10.0.0.1 dev eth0 metric 0": becomes(json("10.0.0.1")),
        "ping server": { code: 1, stdout: "", stderr: "" },
      },
    },
    wish: { ...wish, verify: "ping server" },
    does: [
      `note route:${name}`,
      `run ${replace}`,
      "run ping server",
      "run ip -4 route replace 10.8.0.0/16 via 10.0.0.1 dev eth0 metric 0",
      `forget route:${name}`,
    ],
    ends: "failed",
    because: "taken back",
  },
  "proves what a killed run has set and not proven": {
    given: {
      files: { [kernel]: json("10.0.0.254") },
      notes: { [`route:${name}`]: "null" },
      commands: { [show]: list, "ping server": "" },
    },
    wish: { ...wish, verify: "ping server" },
    does: ["run ping server", `forget route:${name}`],
    says: { verify: ["not proven", "proven"] },
  },
  "or takes it away where there was none": {
    given: {
      files: { [kernel]: json("10.0.0.254") },
      notes: { [`route:${name}`]: "null" },
      commands: {
        [show]: list,
        "ping server": { code: 1, stdout: "", stderr: "" },
        "ip -4 route delete 10.8.0.0/16 via 10.0.0.254 dev eth0 metric 0": becomes("[]"),
      },
    },
    wish: { ...wish, verify: "ping server" },
    does: [
      "run ping server",
      "run ip -4 route delete 10.8.0.0/16 via 10.0.0.254 dev eth0 metric 0",
      `forget route:${name}`,
    ],
    leaves: { [kernel]: "[]" },
    ends: "failed",
    because: "taken back",
  },
  "keeps it for the next boot": {
    given: {
      files: { [kernel]: json("10.0.0.254") },
      commands: {
        [show]: list,
        [`systemctl enable -- ${name}`]: edits(link, () => ""),
      },
    },
    wish: { ...wish, persist: true },
    does: [`write ${unit}`, `run systemctl enable -- ${name}`],
    leaves: { [unit]: text },
  },
  "takes it away, also at boot": {
    given: {
      files: { [kernel]: json("10.0.0.254"), [unit]: text, [link]: "" },
      commands: {
        [show]: list,
        "ip -4 route delete 10.8.0.0/16 via 10.0.0.254 dev eth0 metric 0": becomes("[]"),
        [shown]: "LoadState=loaded\nUnitFileState=enabled\n",
        [`systemctl disable -- ${name}`]: (files) => {
          files.delete(link);
          return "";
        },
      },
    },
    wish: { destination: "10.8.0.0/16", state: "absent" },
    does: [
      "run ip -4 route delete 10.8.0.0/16 via 10.0.0.254 dev eth0 metric 0",
      `run systemctl disable -- ${name}`,
      `remove ${unit}`,
    ],
  },
  "has nothing to take away": {
    given: { commands: { [show]: list } },
    wish: { destination: "10.8.0.0/16", state: "absent" },
    does: [],
  },
  "knows the way out by its gateway": {
    given: {
      commands: {
        "ip -j -6 route show exact default": list,
        "ip -6 route replace default via fe80::1 dev eth0 metric 1024": becomes(
          '[{"dst":"default","gateway":"fe80::1","dev":"eth0","metric":1024}]',
        ),
      },
    },
    wish: { destination: "default", gateway: "FE80::1", interface: "eth0", persist: false },
    does: ["run ip -6 route replace default via fe80::1 dev eth0 metric 1024"],
  },
  "keeps none for boots it does not know": {
    given: { os: { init: "openrc", distro: "alpine" }, commands: { [show]: list } },
    wish: { ...wish, persist: true },
    does: [],
    ends: "failed",
    because: "persist: not for alpine",
  },
});

test.each([
  [{ destination: "10.0.0.0/8" }, "gateway: is required, or else interface"],
  [{ destination: "10.0.0.0/40", interface: "eth0" }, "destination: must be a network"],
  [{ destination: "10.0.0.0/8", gateway: "fd00::1" }, "gateway: must be of the family"],
])("%j is refused", (params, because) => {
  const { error } = route.params.safeParse(params);
  expect(error && explain(error).join()).toContain(because);
});
