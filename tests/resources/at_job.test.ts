import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { atJob } from "../../src/core/resources/at_job.ts";
import { commandIn, jobPlace } from "../../src/core/tools/at.ts";
import { cases, said } from "../support/cases.ts";
import type { Answer } from "../support/fake-host.ts";

/** As at 3.2 of Debian writes it. */
const script = (command: string, name = "patch") => `#!/bin/sh
# atrun uid=0 gid=0
# mail root 0
umask 22
HOME=/root; export HOME
cd / || {
	 echo 'Execution directory inaccessible' >&2
	 exit 1
}
# vigo at_job ${name}
${command}
# end of at_job ${name}
`;
const minute = (time: string) => Math.floor(new Date(time).getTime() / 60_000);
const file = (time: string, id = 1) =>
  `/var/spool/cron/atjobs/a${id.toString(16).padStart(5, "0")}${minute(time).toString(16).padStart(8, "0")}`;

const wish = { at_job: "patch", at: "2030-01-01 03:30", command: "echo one\necho two" };
const time = "2030-01-01T03:30";
const put: Answer = (files) => {
  files.set(file(time, 7), script(wish.command));
  return "";
};
const drop =
  (path: string): Answer =>
  (files) => {
    files.delete(path);
    return "";
  };
const given =
  "run at -t 203001010330 < # vigo at_job patch\necho one\necho two\n# end of at_job patch";
const others = { [file("2030-01-01T03:30", 3)]: script("echo other", "patch2") };

cases(atJob, {
  "gives a job": {
    given: { files: others, commands: { "at -t 203001010330": put } },
    wish,
    does: [given],
    says: { at: [undefined, "2030-01-01 03:30"], command: [undefined, wish.command] },
  },
  "leaves the job that waits": {
    given: { files: { [file(time)]: script(wish.command) } },
    wish,
    does: [],
  },
  "gives another command or another time anew": {
    given: {
      files: { [file("2030-01-02T03:30", 5)]: script("echo one") },
      commands: { "atrm 5": drop(file("2030-01-02T03:30", 5)), "at -t 203001010330": put },
    },
    wish,
    does: ["run atrm 5", given],
    says: {
      at: ["2030-01-02 03:30", "2030-01-01 03:30"],
      command: ["echo one", wish.command],
    },
  },
  "has nothing to do when its time is over": {
    given: { now: new Date("2031-01-01T00:00:00") },
    wish,
    does: [],
  },
  "takes it back": {
    given: {
      files: { ...others, [file(time, 31)]: script("echo one") },
      commands: { "atrm 31": drop(file(time, 31)) },
    },
    wish: { at_job: "patch", state: "absent" },
    does: ["run atrm 31"],
    says: { at: ["2030-01-01 03:30", undefined], command: ["echo one", undefined] },
  },
  "says what is missing": {
    given: { commands: { "at -t 203001010330": { code: 127, stdout: "", stderr: "not found" } } },
    wish,
    does: [given],
    ends: "failed",
    because: "there is no at on this machine (declare the package at",
  },
});

test.each([
  [{ at: "tomorrow" }, "at: must be a time like"],
  [{ at: undefined }, "command: command and at are required"],
  [{ at_job: "a b" }, "at_job: must be"],
])("refuses %j", (more, message) => {
  const { error } = atJob.params.safeParse(said({ ...wish, ...more }));
  expect(error && explain(error)[0]).toStartWith(message);
});

test("reads names and scripts of the spool", () => {
  expect(jobPlace("a0000101e188b2")).toEqual({ id: 1, minute: 31_557_810 });
  for (const name of [".SEQ", "=0000101e188b2", "lost+found"])
    expect(jobPlace(name)).toBeUndefined();
  expect(commandIn(script("a\nb"), "patch")).toBe("a\nb\n");
  expect(commandIn(script("a"), "pat")).toBeUndefined();
});
