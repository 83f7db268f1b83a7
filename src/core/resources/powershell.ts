/**
 * The `powershell` type: a script that runs until its guard is content. Must not know what the script does: the guard tells whether
 * it is needed, and tells again afterwards whether it has worked (semantics §1).
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Command, Host, ReadHost } from "../host.ts";
import { pairs, parameters, script, text } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { powershellWords } from "../tools/powershell.ts";
import { tailOf } from "../text/cut.ts";

const params = () =>
  parameters({
    command: script(
      "The script. What differs from machine to machine comes in through `environment`, as `$env:NAME`.",
    ),
    unless: script(
      "Script; the command runs unless this one succeeds. It fails by an error, an exit code, or `$false` as its last value.",
    ).exactOptional(),
    onlyif: script("Script; the command runs only if this one succeeds.").exactOptional(),
    cwd: text("Folder to run in, as `C:\\Tools`.", {
      pattern: /^[A-Za-z]:\\[^"<>|\p{Cc}]*$/u,
      wanted: "an absolute path like C:\\Tools",
    }).exactOptional(),
    environment: pairs("Variables of the command and its guard.").exactOptional(),
    on_revert: script(
      "Undoes the command: with `revert: true` it runs once, unless the guard says that there is nothing to undo.",
    ).exactOptional(),
  })
    .refine((p) => (p.unless === undefined) !== (p.onlyif === undefined), {
      path: ["unless"],
      message: "a powershell has one guard, unless or onlyif: without it would run every cycle",
    })
    .refine(
      (p) => Object.values(p).every((text) => typeof text !== "string" || text.length <= most),
      {
        path: ["command"],
        message: "is longer than Windows starts: put it into a file and run that",
      },
    );

/** Windows takes 32,767 letters for a command with all its words. */
const most = 20_000;

type Params = z.output<ReturnType<typeof params>>;

export const powershell = defineResource<Params>({
  name: "powershell",
  summary: "Runs a PowerShell script when its guard asks for it.",
  platforms: ["windows"],
  params,
  main: "command",
  claims: () => [],

  async check(p, host, applied) {
    const open = await asks(p, host);
    if (applied === undefined) return wish(open);
    if (p.unless !== undefined && open)
      throw new VigoError("failed", "the guard still asks for it: it would run every cycle", {
        hint: "let the command make its guard content, or mend the guard",
      });
    return [];
  },

  apply: (p, host) => run(p, p.command, host),

  reversal: {
    kind: "command",
    check: async (p, host) => ((await asks(p, host)) ? [] : differing("command", done, undone)),
    async undo(p, host) {
      if (p.on_revert !== undefined) await run(p, p.on_revert, host);
    },
  },

  examples: [
    {
      title: "Once, as long as it holds",
      params: {
        command: "Set-SmbServerConfiguration -EnableSMB1Protocol $false -Force",
        onlyif: "(Get-SmbServerConfiguration).EnableSMB1Protocol",
      },
    },
    {
      title: "With a value of the machine",
      params: {
        command: "New-Item -ItemType Directory -Path $env:TARGET",
        unless: "Test-Path $env:TARGET",
        environment: { TARGET: "D:\\Data" },
      },
    },
  ],
});

const [done, undone] = ["done", "not done"];
const wish = (open: boolean) => (open ? differing("command", undone, done) : []);

async function asks(p: Params, host: ReadHost): Promise<boolean> {
  const text = p.unless ?? p.onlyif ?? "$false";
  const { code } = await host.query({ ...around(p), argv: powershellWords(guarding(text)) });
  return p.unless === undefined ? code === 0 : code !== 0;
}

/** On lines of its own, so that a comment at its end does not swallow what follows. */
const guarding = (text: string): string =>
  `$global:LASTEXITCODE=0; $r=@(& {\n${text}\n}); if($LASTEXITCODE -ne 0){exit 1}; if($r.Count -gt 0 -and $r[-1] -is [bool] -and -not $r[-1]){exit 1}; exit 0`;

const running = (text: string): string =>
  `$global:LASTEXITCODE=0; & {\n${text}\n}; exit $LASTEXITCODE`;

const around = (p: Params): Omit<Command, "argv"> => ({
  timeoutMs: 300_000,
  ...(p.cwd !== undefined && { cwd: p.cwd }),
  ...(p.environment !== undefined && { env: p.environment }),
});

async function run(p: Params, text: string, host: Host): Promise<void> {
  const { code, stdout, stderr } = await host.run({
    ...around(p),
    argv: powershellWords(running(text)),
  });
  if (code === 0) return;
  const printed = tailOf(`${stdout}${stderr}`.trim(), 2000);
  throw new VigoError("failed", `exit ${code}${printed === "" ? "" : `: ${printed}`}`);
}
