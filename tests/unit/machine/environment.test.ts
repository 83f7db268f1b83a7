import { expect, test } from "bun:test";
import { cleanEnvironment, searchedOn } from "../../../src/modes/agent/machine/environment.ts";
import { groupOf } from "../../../src/modes/agent/machine/process.ts";

const persons = {
  PATH: "/home/dana/bin",
  HOME: "/home/dana",
  AWS_SECRET: "x",
  LD_PRELOAD: "/x.so",
};

test.each(["linux", "darwin"] as const)(
  "on %s nothing of the agent's own is passed on",
  (platform) => {
    expect(cleanEnvironment(platform, persons)).toEqual({
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      LANG: "C",
      LC_ALL: "C",
    });
  },
);

test("on Windows a program finds the system, PowerShell among it, and nothing of a person's", () => {
  const own = { ...persons, SystemRoot: "D:\\Win", ComSpec: "D:\\Win\\System32\\cmd.exe" };
  expect(cleanEnvironment("win32", own)).toEqual({
    SystemRoot: "D:\\Win",
    ComSpec: "D:\\Win\\System32\\cmd.exe",
    PATH: "D:\\Win\\System32;D:\\Win;D:\\Win\\System32\\Wbem;D:\\Win\\System32\\WindowsPowerShell\\v1.0;D:\\Win\\System32\\OpenSSH",
  });
  expect(searchedOn("win32", {})).toStartWith("C:\\Windows\\System32;");
});

test("a group of processes is a number below 0, and on Windows its first alone", () => {
  expect([groupOf(42, "linux"), groupOf(42, "darwin"), groupOf(42, "win32")]).toEqual([
    -42, -42, 42,
  ]);
});
