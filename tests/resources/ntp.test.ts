import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { ntp } from "../../src/core/resources/ntp.ts";
import { cases, said } from "../support/cases.ts";

const chrony = "/etc/chrony/chrony.conf";
const conf = `# Debian's
confdir /etc/chrony/conf.d
pool 2.debian.pool.ntp.org iburst
# DHCP
sourcedir /run/chrony-dhcp
`;
const dropIn = "/etc/systemd/timesyncd.conf.d/90-vigo.conf";
const timesyncd = { "/lib/systemd/systemd-timesyncd": "" };
/** Of a fake host, files are from 1970. */
const show = (unit: string, started: string) => ({
  [`systemctl show --timestamp=us+utc --property=ActiveState,ActiveEnterTimestamp -- ${unit}`]: `ActiveState=active\nActiveEnterTimestamp=Thu ${started}.000000 UTC\n`,
});
const commands = {
  ...show("chrony.service", "2025-01-01 00:00:00"),
  ...show("chronyd.service", "2025-01-01 00:00:00"),
  ...show("systemd-timesyncd.service", "2025-01-01 00:00:00"),
  "systemctl reset-failed -- chrony.service": "",
  "systemctl try-restart -- chrony.service": "",
  "systemctl reset-failed -- chronyd.service": "",
  "systemctl try-restart -- chronyd.service": "",
  "systemctl reset-failed -- systemd-timesyncd.service": "",
  "systemctl try-restart -- systemd-timesyncd.service": "",
};
const wish = { servers: ["a.corp", "b.corp"] };
const text = "# Kept by Vigo.\n[Time]\nNTP=\nNTP=a.corp b.corp\n";

cases(ntp, {
  "puts servers where chrony's default was": {
    given: { files: { ...timesyncd, [chrony]: conf }, commands },
    wish,
    does: [
      "note ntp",
      `write ${chrony}`,
      "run systemctl reset-failed -- chrony.service",
      "run systemctl try-restart -- chrony.service",
      "forget ntp",
    ],
    leaves: {
      [chrony]: conf.replace(
        "pool 2.debian.pool.ntp.org iburst",
        "server a.corp iburst\nserver b.corp iburst",
      ),
    },
    says: {
      sources: ["pool 2.debian.pool.ntp.org iburst", "server a.corp iburst\nserver b.corp iburst"],
    },
  },
  "leaves options of a source that stands": {
    given: { files: { [chrony]: "server b.corp prefer key 5\nserver a.corp\n" }, commands },
    wish,
    does: [],
  },
  "adds a pool and takes strangers away, under Red Hat's name": {
    given: {
      files: { "/etc/chrony.conf": "server a.corp\nserver x.com\ndriftfile /d" },
      commands,
    },
    wish: { servers: ["a.corp"], pools: ["p.corp"] },
    does: [
      "note ntp",
      "write /etc/chrony.conf",
      "run systemctl reset-failed -- chronyd.service",
      "run systemctl try-restart -- chronyd.service",
      "forget ntp",
    ],
    leaves: { "/etc/chrony.conf": "server a.corp\npool p.corp iburst\ndriftfile /d" },
  },
  "writes a file of its own for timesyncd": {
    given: { files: timesyncd, commands },
    wish,
    does: [
      "note ntp",
      "mkdir /etc/systemd/timesyncd.conf.d",
      `write ${dropIn}`,
      "run systemctl reset-failed -- systemd-timesyncd.service",
      "run systemctl try-restart -- systemd-timesyncd.service",
      "forget ntp",
    ],
    leaves: { [dropIn]: text },
  },
  "leaves alone what stands": {
    given: { files: { ...timesyncd, [dropIn]: text }, commands },
    wish,
    does: [],
  },
  "restarts a client that has not read what is there": {
    given: {
      files: { ...timesyncd, [dropIn]: text },
      commands: {
        ...commands,
        [Object.keys(show("systemd-timesyncd.service", ""))[0] ?? ""]: (files) =>
          files.has("restarted")
            ? "ActiveState=inactive\n"
            : "ActiveState=active\nActiveEnterTimestamp=Wed 1969-12-31 23:59:59.123456 UTC\n",
        "systemctl try-restart -- systemd-timesyncd.service": (files) => {
          files.set("restarted", "");
          return "";
        },
      },
    },
    wish,
    does: [
      "note ntp",
      "run systemctl reset-failed -- systemd-timesyncd.service",
      "run systemctl try-restart -- systemd-timesyncd.service",
      "forget ntp",
    ],
    says: { loaded: ["an older text", "as on disk"] },
  },
  "takes the client that is asked for": {
    given: { files: { ...timesyncd, [chrony]: conf, [dropIn]: text }, commands },
    wish: { ...wish, client: "timesyncd" },
    does: [],
  },
  "takes sources away": {
    given: { files: { [chrony]: "server a.corp\nserver x.com\n" }, commands },
    wish: { ...wish, state: "absent" },
    does: [
      "note ntp",
      `write ${chrony}`,
      "run systemctl reset-failed -- chrony.service",
      "run systemctl try-restart -- chrony.service",
      "forget ntp",
    ],
    leaves: { [chrony]: "server x.com\n" },
  },
  "takes timesyncd's file away": {
    given: { files: { ...timesyncd, [dropIn]: text }, commands },
    wish: { ...wish, state: "absent" },
    does: [
      "note ntp",
      `remove ${dropIn}`,
      "run systemctl reset-failed -- systemd-timesyncd.service",
      "run systemctl try-restart -- systemd-timesyncd.service",
      "forget ntp",
    ],
  },
  "has a client forget what a killed run has taken away": {
    given: { files: timesyncd, notes: { ntp: "x" }, commands },
    wish: { ...wish, state: "absent" },
    does: [
      "note ntp",
      "run systemctl reset-failed -- systemd-timesyncd.service",
      "run systemctl try-restart -- systemd-timesyncd.service",
      "forget ntp",
    ],
    says: { loaded: ["an older text", "as on disk"] },
  },
  "says that there is no client": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    because: "neither chrony nor systemd-timesyncd is on this machine",
  },
  "has nothing to take where there is no client": {
    given: {},
    wish: { ...wish, state: "absent" },
    does: [],
  },
});

test.each([
  [{ servers: [] }, "servers: must name a server"],
  [{ servers: ["a b"] }, "servers.0: must be a name or an address"],
])("refuses %j", (more, message) => {
  const { error } = ntp.params.safeParse(said({ ...wish, ...more }));
  expect(error && explain(error)[0]).toStartWith(message);
});
