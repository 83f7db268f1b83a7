import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { powershell } from "../../src/core/resources/powershell.ts";
import type { CommandResult } from "../../src/core/host.ts";
import { type Case, cases } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";
import { powershellLine, windows as os } from "../support/powershell.ts";

const guard = (text: string) =>
  powershellLine(
    `$global:LASTEXITCODE=0; $r=@(& {\n${text}\n}); if($LASTEXITCODE -ne 0){exit 1}; if($r.Count -gt 0 -and $r[-1] -is [bool] -and -not $r[-1]){exit 1}; exit 0`,
  );
const running = (text: string) =>
  powershellLine(`$global:LASTEXITCODE=0; & {\n${text}\n}; exit $LASTEXITCODE`);
const exits = (code: number, stdout = "", stderr = ""): CommandResult => ({ code, stdout, stderr });

const command = "New-Item D:\\Data # here";
const test1 = "Test-Path D:\\Data";
const given = (made: boolean, code = 0): Case["given"] => ({
  os,
  files: made ? { data: "" } : {},
  commands: {
    [guard(test1)]: (files) => exits(files.has("data") ? 0 : 1),
    [guard(`-not (${test1})`)]: (files) => exits(files.has("data") ? 1 : 0),
    [running(command)]: (files) => {
      if (code === 0) files.set("data", "");
      return exits(code, "", code === 0 ? "" : "Access is denied.\n");
    },
  },
});

cases(powershell, {
  "unless, not yet": {
    given: given(false),
    wish: { command, unless: test1 },
    does: [`run ${running(command)}`],
    says: { command: ["not done", "done"] },
  },
  "unless, already": { given: given(true), wish: { command, unless: test1 }, does: [] },
  "onlyif, not yet": {
    given: given(false),
    wish: { command, onlyif: `-not (${test1})` },
    does: [`run ${running(command)}`],
  },
  "onlyif, already": { given: given(true), wish: { command, onlyif: `-not (${test1})` }, does: [] },
  "a script that fails": {
    given: given(false, 5),
    wish: { command, unless: test1 },
    does: [`run ${running(command)}`],
    ends: "failed",
    because: "exit 5: Access is denied.",
  },
  "a guard that is never content": {
    given: { os, commands: { [guard("$false")]: exits(1), [running("1")]: "" } },
    wish: { command: "1", unless: "$false" },
    does: [`run ${running("1")}`],
    ends: "failed",
    because: "the guard still asks for it",
  },
});

test("folder and variables go along, to the guard too", async () => {
  const { host } = fakeHost(given(false));
  const params = powershell.params.parse({
    command,
    unless: test1,
    cwd: "C:\\Tools",
    environment: { A: "b" },
  });
  const around: unknown[] = [];
  const spied = {
    ...host,
    query: (asked: Parameters<typeof host.query>[0]) => {
      around.push([asked.cwd, asked.env, asked.timeoutMs]);
      return host.query(asked);
    },
    run: (told: Parameters<typeof host.run>[0]) => {
      around.push([told.cwd, told.env, told.timeoutMs]);
      return host.run(told);
    },
  };
  await powershell.check(params, spied);
  await powershell.apply(params, spied, []);
  const one = ["C:\\Tools", { A: "b" }, 300_000];
  expect(around).toEqual([one, one]);
});

test.each([
  [{ command: "x" }, "unless: a powershell has one guard"],
  [{ command: "x", unless: "a", onlyif: "b" }, "unless: a powershell has one guard"],
  [{ command: "x".repeat(20_001), unless: "a" }, "command: is longer than Windows starts"],
  [{ command: "x", unless: "a", cwd: "/tmp" }, "cwd: must be an absolute path like C:"],
])("refuses %j", (wish, message) => {
  const { error } = powershell.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
