import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { claimsOf } from "../../src/core/resource.ts";
import { systemdTimer } from "../../src/core/resources/systemd_timer.ts";
import { cases, said } from "../support/cases.ts";
import { fakeSystemd, verifies } from "../support/fake-systemd.ts";

const timer = "/etc/systemd/system/nightly.timer";
const service = "/etc/systemd/system/nightly.service";
const commands = {
  ...fakeSystemd("nightly.timer", "nightly.service"),
  ...verifies("nightly.timer", "nightly.timer"),
  ...verifies("nightly.service", "nightly.service"),
};
const active = { "nightly.timer/ActiveState": "active", "nightly.timer/UnitFileState": "enabled" };
const wish = { timer: "nightly", on_calendar: "daily", command: ["/bin/backup", "50% of $HOME"] };
const timerText = `# Kept by Vigo.
[Unit]
Description=Starts nightly

[Timer]
OnCalendar=daily

[Install]
WantedBy=timers.target
`;
const serviceText = `# Kept by Vigo.
[Unit]
Description=nightly

[Service]
Type=oneshot
ExecStart=/bin/backup "50%% of $$HOME"
`;
const stands = { [timer]: timerText, [service]: serviceText, ...active };
const reload = "run systemctl daemon-reload";
const ctl = (verb: string) => `run systemctl ${verb} -- nightly.timer`;

cases(systemdTimer, {
  "writes timer and service, and starts the timer": {
    given: { commands },
    wish,
    does: [`write ${timer}`, `write ${service}`, reload, ctl("enable"), ctl("start")],
    leaves: { [timer]: timerText, [service]: serviceText },
  },
  "leaves alone what stands": { given: { files: stands, commands }, wish, does: [] },
  "runs a text by the shell": {
    given: { files: { ...stands, [service]: "" }, commands },
    wish: { ...wish, command: 'echo "a" >/srv/b' },
    does: [`write ${service}`, reload],
    leaves: {
      [service]: serviceText.replace(/ExecStart.*/, 'ExecStart=/bin/sh -c "echo \\"a\\" >/srv/b"'),
    },
  },
  "starts a unit of others at several times": {
    given: { commands },
    wish: {
      timer: "nightly",
      unit: "app.service",
      on_calendar: "daily",
      on_boot_sec: "5min",
      on_unit_active_sec: "1h 30min",
      persistent: true,
      randomized_delay: "10m",
    },
    does: [`write ${timer}`, reload, ctl("enable"), ctl("start")],
    leaves: {
      [timer]: timerText
        .replace("nightly", "app.service")
        .replace(
          "daily\n",
          "daily\nOnBootSec=5min\nOnUnitActiveSec=1h 30min\nUnit=app.service\nPersistent=true\nRandomizedDelaySec=10m\n",
        ),
    },
  },
  "takes the service of a former command away": {
    given: { files: stands, commands },
    wish: { timer: "nightly", unit: "app.service", on_calendar: "daily" },
    does: [`write ${timer}`, `remove ${service}`, reload],
  },
  "leaves a service of this name that somebody else made": {
    given: { files: { ...stands, [service]: "[Service]\n" }, commands },
    wish: { timer: "nightly", state: "absent" },
    does: [ctl("stop"), ctl("disable"), `remove ${timer}`, reload],
  },
  "takes all of it away": {
    given: { files: stands, commands },
    wish: { timer: "nightly", state: "absent" },
    does: [ctl("stop"), ctl("disable"), `remove ${timer}`, `remove ${service}`, reload],
  },
  "starts a timer that somebody stopped": {
    given: { files: { ...stands, "nightly.timer/ActiveState": "inactive" }, commands },
    wish,
    does: [ctl("start")],
    says: { state: ["stopped", "running"] },
  },
  "tells systemd of a text that it has not read": {
    given: { files: { ...stands, "nightly.timer/stale": "" }, commands },
    wish,
    does: [reload],
  },
  "tells systemd of another command that it has not read": {
    given: { files: { ...stands, "nightly.service/stale": "" }, commands },
    wish,
    does: [reload],
    says: { loaded: ["an older text", "as on disk"] },
  },
  "takes no time that systemd does not know": {
    given: {
      commands: {
        ...commands,
        ...verifies("nightly.timer", "nightly.timer", "nightly.timer:6: Failed to parse"),
      },
    },
    wish: { ...wish, on_calendar: "now and then" },
    does: [],
    ends: "failed",
    because: "nightly.timer:6: Failed to parse",
  },
});

test.each([
  [{ on_calendar: undefined }, "on_calendar: choose"],
  [{ command: undefined }, "command: is required"],
  [{ unit: "a.service" }, "command: choose one"],
  [{ on_calendar: undefined, on_boot_sec: "1h", persistent: true }, "persistent: works with"],
  [{ command: ["-/bin/a"] }, "command: must begin"],
  [{ timer: "a/b" }, "timer: must be a name"],
  [{ on_boot_sec: "soon" }, "on_boot_sec: must be a time span"],
])("refuses %j", (more, message) => {
  const { error } = systemdTimer.params.safeParse(said({ ...wish, ...more }));
  expect(error && explain(error)[0]).toStartWith(message);
});

test("owns a service only where it makes one", () => {
  const ids = (more: object) =>
    claimsOf(systemdTimer, systemdTimer.params.parse(said({ ...wish, ...more }))).map(
      ({ id }) => id,
    );
  expect(ids({})).toContain(`file:${service}`);
  expect(ids({ command: undefined, unit: "a.service" })).not.toContain(`file:${service}`);
});
