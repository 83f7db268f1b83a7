import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { claimsOf } from "../../src/core/resource.ts";
import { systemdUnit } from "../../src/core/resources/systemd_unit.ts";
import { cases, said } from "../support/cases.ts";
import { fakeSystemd, verifies } from "../support/fake-systemd.ts";

const path = "/etc/systemd/system/app.service";
const content = "[Service]\nExecStart=/bin/app\n";
const drop = "/etc/systemd/system/app.service.d/nice.conf";
const commands = {
  ...fakeSystemd("app.service"),
  ...verifies("app.service", "app.service"),
  ...verifies("app.service", "app.service.d/nice.conf"),
  ...verifies("app@.service", "app@.service"),
};
const app = { unit: "app.service", content };
const dropIn = { unit: "app.service", drop_in: "nice", content: "[Service]\nNice=5\n" };
const active = { "app.service/ActiveState": "active", "app.service/UnitFileState": "enabled" };
const ctl = (...verbs: string[]) => verbs.map((verb) => `run systemctl ${verb} -- app.service`);
const reload = "run systemctl daemon-reload";

cases(systemdUnit, {
  "writes, tells systemd, enables, starts": {
    given: { commands },
    wish: { ...app, enabled: true, started: true },
    does: [`write ${path}`, reload, ...ctl("enable", "start")],
    leaves: { [path]: content },
    says: {
      content: [undefined, "29 bytes, sha256 9ca1015d541d"],
      enabled: ["false", "true"],
      state: ["stopped", "running"],
    },
  },
  "leaves alone what is not said": {
    given: { files: { [path]: content }, commands },
    wish: app,
    does: [],
  },
  "prints sections": {
    given: { commands },
    wish: {
      unit: "app.service",
      sections: {
        Unit: { Description: "App" },
        Service: { Environment: ["A=1", "B=2"], TimeoutSec: 5 },
      },
    },
    does: [`write ${path}`, reload],
    leaves: {
      [path]:
        "[Unit]\nDescription=App\n\n[Service]\nEnvironment=A=1\nEnvironment=B=2\nTimeoutSec=5\n",
    },
  },
  "tells systemd of a text that it has not read": {
    given: { files: { [path]: content, "app.service/stale": "" }, commands },
    wish: app,
    does: [reload],
    says: { loaded: ["an older text", "as on disk"] },
  },
  "starts again what has failed": {
    given: { files: { [path]: content, "app.service/ActiveState": "failed" }, commands },
    wish: { ...app, started: true },
    does: ctl("reset-failed", "start"),
    says: { state: ["failed", "running"] },
  },
  "takes what has failed for stopped": {
    given: { files: { [path]: content, "app.service/ActiveState": "failed" }, commands },
    wish: { ...app, started: false },
    does: [],
  },
  "stops and disables": {
    given: { files: { [path]: content, ...active }, commands },
    wish: { ...app, enabled: false, started: false },
    does: ctl("disable", "stop"),
  },
  "puts a drop-in beside a unit of others": {
    given: { files: { "app.service/LoadState": "loaded" }, commands },
    wish: dropIn,
    does: ["mkdir /etc/systemd/system/app.service.d", `write ${drop}`, reload],
  },
  "takes a drop-in and its empty folder away": {
    given: {
      files: { [drop]: "[Service]\n", "app.service/LoadState": "loaded", ...active },
      nodes: { "/etc/systemd/system/app.service.d": {} },
      commands,
    },
    wish: { ...dropIn, content: undefined, state: "absent" },
    does: [`remove ${drop}`, "remove /etc/systemd/system/app.service.d", reload],
  },
  "stops and disables what it takes away": {
    given: { files: { [path]: content, ...active }, commands },
    wish: { unit: "app.service", state: "absent" },
    does: [...ctl("stop", "disable"), `remove ${path}`, reload],
  },
  "gives the unit of the package back its place": {
    given: {
      files: { [path]: content, "/lib/systemd/system/app.service": "", ...active },
      commands,
    },
    wish: { unit: "app.service", state: "absent" },
    does: [`remove ${path}`, reload],
  },
  "writes a template, which runs nowhere by itself": {
    given: { commands },
    wish: { unit: "app@.service", content },
    does: ["write /etc/systemd/system/app@.service", reload],
  },
  "mends owner and mode, and systemd reads what is a new file": {
    given: {
      files: { [path]: content },
      nodes: { [path]: { kind: "file", mode: 0o666 } },
      commands,
    },
    wish: app,
    does: [`write ${path}`, reload],
    says: { mode: ["0666", "0644"] },
  },
  "restarts when notified, if it runs": {
    given: { files: { [path]: content, ...active }, commands },
    wish: app,
    notified: true,
    does: ctl("try-restart"),
  },
  "has no need to be restarted where it was just started": {
    given: { files: { [path]: content }, commands },
    wish: { ...app, started: true },
    notified: true,
    does: ctl("start"),
  },
  "writes nothing that systemd would not take": {
    given: {
      commands: {
        ...commands,
        ...verifies("app.service", "app.service", "app.service:2: Unknown key 'ExecStrat'\n"),
      },
    },
    wish: app,
    does: [],
    ends: "failed",
    because:
      "/etc/systemd/system/app.service was left as it is: systemd does not take it: app.service:2: Unknown key",
  },
  "says who masked it": {
    given: { nodes: { [path]: { kind: "symlink", target: "/dev/null" } }, commands },
    wish: app,
    does: [],
    ends: "failed",
    because: "app.service is masked",
  },
  "fails where there is no systemd": {
    given: { os: { distro: "alpine", init: "openrc" } },
    wish: app,
    does: [],
    ends: "failed",
    because: "not for alpine",
  },
});

test.each([
  [{ unit: "app" }, "unit: must be the name of a unit with its kind"],
  [{ unit: "../x.service" }, "unit: must be"],
  [{ unit: "app@.service", started: true }, "unit: is a template"],
  [{ sections: { Service: { Nice: 1 } } }, "content: choose one"],
  [{ content: undefined }, "content: is required"],
  [{ content: undefined, sections: { Service: { A: "x\\" } } }, "sections: must be sections"],
  [{ content: undefined, sections: { Service: ["A=1"] } }, "sections: must be sections"],
  [{ content: undefined, sections: { Service: { "A=B": "1" } } }, "sections: must be sections"],
  [{ content: undefined, state: "absent", enabled: false }, "state: what is absent"],
])("refuses %j", (more, message) => {
  const { error } = systemdUnit.params.safeParse(said({ ...app, ...more }));
  expect(error && explain(error)[0]).toStartWith(message);
});

test("owns its file, and what it says about start as a service does", () => {
  const claims = (wish: object) => claimsOf(systemdUnit, systemdUnit.params.parse(wish));
  expect(claims({ ...app, enabled: true, started: true })).toEqual([
    { id: `file:${path}` },
    { id: "unit:app.service", part: "file" },
    { id: "service:app", part: "enabled" },
    { id: "service:app", part: "state" },
  ]);
  expect(claims(dropIn)).toEqual([
    { id: `file:${drop}` },
    { id: "unit:app.service", part: "nice" },
  ]);
});
