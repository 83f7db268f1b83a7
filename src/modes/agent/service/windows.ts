/**
 * The agent under the service manager of Windows, through a script that makes it (packaging/vigo-agent-service.ps1 says why it takes
 * more than a line). Must not know other inits.
 */
import * as files from "node:fs/promises";
import { dirname } from "node:path";
import type { Host } from "../../../core/host.ts";
import { mustSucceed } from "../../../core/tools/exit.ts";
import { quoted } from "../../../core/tools/powershell.ts";
import { writeAtomically } from "../../../core/write-file.ts";
import script from "../../../../packaging/vigo-agent-service.ps1" with { type: "text" };
import type { Service } from "./service.ts";

const name = "VigoAgent";

/** `program` is where it lies already: what runs cannot be written over there. */
export function windowsService(
  { run, query }: Pick<Host, "run" | "query">,
  home: string,
  { program } = { program: process.execPath },
): Service {
  const carryOut = async (...words: readonly string[]) => {
    const path = `${dirname(program)}/vigo-agent-service.ps1`;
    await writeAtomically(files, path, script, 0o644);
    const start = ["powershell.exe", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass"];
    const given = ["-File", path, "-Program", program, "-AgentHome", home, ...words];
    await mustSucceed("the service's script", run({ argv: [...start, ...given] }));
    await files.rm(path, { force: true });
  };
  return {
    name,
    shown: (lines, follow) => {
      const log = quoted(`${home}\\agent.log`);
      const script = `Get-Content -LiteralPath ${log} -Tail ${lines}${follow ? " -Wait" : ""}`;
      return ["powershell.exe", "-NoProfile", "-NonInteractive", "-Command", script];
    },
    isInstalled: async () => (await query({ argv: ["sc.exe", "query", name] })).code === 0,
    install: (start) => carryOut(...(start ? [] : ["-NoStart"])),
    remove: () => carryOut("-Remove"),
  };
}
