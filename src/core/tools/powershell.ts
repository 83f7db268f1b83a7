/**
 * Windows PowerShell as a tool: how a script is started, how texts stand in it, and answers in JSON. Must not know what is asked.
 * Sources: about_PowerShell_exe, about_Quoting_Rules (learn.microsoft.com).
 */
import { VigoError } from "../errors.ts";
import type { Command, CommandResult, Host, ReadHost } from "../host.ts";
import { tailOf } from "../text/cut.ts";
import { jsonFrom } from "./answer.ts";

/** Errors end the script, and what it prints is UTF-8 whatever the console has. */
const prelude =
  "$ErrorActionPreference='Stop'; [Console]::OutputEncoding=[Text.UTF8Encoding]::new($false); ";

export const powershellWords = (script: string): readonly string[] => [
  "powershell.exe",
  "-NoProfile",
  "-NonInteractive",
  "-ExecutionPolicy",
  "Bypass",
  "-Command",
  prelude + script,
];

/** A text in single quotes; PowerShell takes typographic ones for the same. */
export const quoted = (text: string): string => `'${text.replace(/['‘’‚‛]/g, "$&$&")}'`;

const command = (host: ReadHost, script: string): Command => ({
  argv: powershellWords(script),
  ...(host.confidential === true && { sensitive: true }),
});

/** What a script prints as JSON. Rejects with `failed` for any exit code but 0, and for what is no JSON. */
export async function askPowershell(
  host: ReadHost,
  script: string,
  timeoutMs?: number,
): Promise<unknown> {
  const asked = { ...command(host, script), ...(timeoutMs !== undefined && { timeoutMs }) };
  const result = mustBeGood(await host.query(asked));
  return jsonFrom("powershell", result.stdout);
}

export async function tellPowershell(host: Host, script: string): Promise<void> {
  mustBeGood(await host.run(command(host, script)));
}

function mustBeGood(result: CommandResult): CommandResult {
  if (result.code === 0) return result;
  const said = tailOf(`${result.stderr}${result.stdout}`.trim(), 500);
  throw new VigoError("failed", `powershell: exit ${result.code}${said === "" ? "" : `: ${said}`}`);
}

/** As an answer must be to be read. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
