import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { cron } from "../../src/core/resources/cron.ts";
import { cases } from "../support/cases.ts";

const at = "/etc/cron.d/backup";
const tab = "/var/spool/cron/crontabs/dana";
const accounts = { "/etc/passwd": "dana:x:7:8::/:/bin/sh\n", "/etc/group": "crontab:x:105:\n" };
const wish = { cron: "backup", command: "date +%F >/x", hour: 2, minute: "30" };
const content = "# Kept by Vigo.\n30 2 * * * root date +\\%F >/x\n";
const mine = {
  cron: "fetch",
  command: "fetch",
  schedule: "@hourly",
  user: "dana",
  file: "crontab",
};

cases(cron, {
  "makes a file of its own": {
    given: {},
    wish,
    does: [`write ${at}`],
    leaves: { [at]: content },
    says: { job: [undefined, "30 2 * * * root date +\\%F >/x"] },
  },
  "leaves a right one alone": { given: { files: { [at]: content } }, wish, does: [] },
  "mends what was changed by hand": {
    given: { files: { [at]: content.replace("30", "31") } },
    wish,
    does: [`write ${at}`],
    leaves: { [at]: content },
  },
  "mends a mode that cron refuses": {
    given: { files: { [at]: content }, nodes: { [at]: { kind: "file", mode: 0o666 } } },
    wish,
    does: [`chmod ${at} 644`],
    says: { mode: ["666", "644"] },
  },
  "sets variables": {
    given: {},
    wish: { ...wish, environment: { MAILTO: "ops" } },
    does: [`write ${at}`],
    leaves: { [at]: content.replace("30", 'MAILTO="ops"\n30') },
  },
  "adds to a crontab and keeps the rest": {
    given: { files: { ...accounts, [tab]: "# mine\n1 * * * * x" } },
    wish: { ...mine, environment: { A: "it's" } },
    does: [`write ${tab}`],
    leaves: { [tab]: "# mine\n1 * * * * x\n# vigo: fetch\n@hourly export A='it'\\''s'; fetch\n" },
  },
  "makes a crontab": {
    given: { files: accounts, nodes: { "/var/spool/cron/crontabs": {} } },
    wish: mine,
    does: [`write ${tab}`],
    leaves: { [tab]: "# vigo: fetch\n@hourly fetch\n" },
  },
  "changes a job where it stands": {
    given: { files: { ...accounts, [tab]: "# vigo: fetch\n@daily x\n2 * * * * y\n" } },
    wish: mine,
    does: [`write ${tab}`],
    leaves: { [tab]: "# vigo: fetch\n@hourly fetch\n2 * * * * y\n" },
    says: { job: ["@daily x", "@hourly fetch"] },
  },
  "removes a job from a crontab": {
    given: { files: { ...accounts, [tab]: "1 * * * * x\n# vigo: fetch\n@daily x\n2 * * * * y\n" } },
    wish: { ...mine, state: "absent" },
    does: [`write ${tab}`],
    leaves: { [tab]: "1 * * * * x\n2 * * * * y\n" },
  },
  "removes a file": {
    given: { files: { [at]: content } },
    wish: { cron: "backup", state: "absent" },
    does: [`remove ${at}`],
    leaves: { [at]: undefined },
  },
  "has nothing to remove": { given: {}, wish: { cron: "backup", state: "absent" }, does: [] },
  "cannot serve a user who is not there": {
    given: {},
    wish: mine,
    does: [],
    ends: "failed",
    because: "no user dana on this machine, or no cron",
  },
});

test.each([
  [{ cron: "a.b", command: "x", hour: 1 }, "cron: must be letters"],
  [{ cron: "a", hour: 1 }, "command: is required"],
  [
    { cron: "a", command: "x\ny", hour: 1 },
    "command: is required unless state is absent, and is one line",
  ],
  [{ cron: "a", command: "x" }, "schedule: write either"],
  [{ cron: "a", command: "x", schedule: "@daily", hour: 1 }, "schedule: write either"],
  [{ cron: "a", command: "x", schedule: "1 2 3" }, "schedule: must be five fields"],
  [{ cron: "a", command: "x", hour: 24 }, "hour: must be 0 to 23"],
  [{ cron: "a", command: "x", weekday: "8" }, "weekday: must be 0 to 7"],
])("refuses %j", (given, message) => {
  const { error } = cron.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});
