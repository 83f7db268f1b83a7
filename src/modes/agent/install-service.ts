/**
 * Puts the agent under systemd: the program where every user of the machine finds it, the unit beside the others, enabled and
 * started. Running it again updates both in place. Must not know how the machine enrolled.
 */
import * as files from "node:fs/promises";
import { VigoError } from "../../core/errors.ts";
import type { Host } from "../../core/host.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { mustSucceed } from "../../core/tools/exit.ts";
import { writeAtomically } from "../../core/write-file.ts";
import unit from "../../../packaging/vigo-agent.service" with { type: "text" };

const program = "/usr/local/bin/vigo";
export const unitPath = "/etc/systemd/system/vigo-agent.service";

/** Why this machine cannot have the service; undefined where it can. */
export function cannotInstall(host: Pick<Host, "os">): string | undefined {
  if (host.os.init !== "systemd") return `there is no systemd here (${host.os.init})`;
  return process.getuid?.() === 0 ? undefined : "it takes root";
}

/** `home` is written into the unit when it is not the usual one. */
export async function installService(host: Host, home: string | undefined): Promise<void> {
  await installProgram();
  const text = home === undefined ? unit : withHome(unit, home);
  const before = await ifThere(files.readFile(unitPath, "utf8"));
  if (before !== text) await writeAtomically(files, unitPath, text, 0o644);
  const systemctl = (...words: readonly string[]) =>
    mustSucceed(`systemctl ${words.join(" ")}`, host.run({ argv: ["systemctl", ...words] }));
  await systemctl("daemon-reload");
  await systemctl("enable", "vigo-agent.service");
  await systemctl("restart", "vigo-agent.service");
}

/** A running program cannot be written over, but its name can be given to another file. */
async function installProgram(): Promise<void> {
  const self = process.execPath;
  if (self === program) return;
  const fresh = `${program}.new`;
  await files.copyFile(self, fresh);
  await files.chmod(fresh, 0o755);
  await files.rename(fresh, program);
}

function withHome(text: string, home: string): string {
  if (/[\s"'\\%$]/.test(home))
    throw new VigoError(
      "invalid",
      `--home ${home} has characters that a unit file gives a meaning`,
      {
        hint: "choose a plain path, or --no-service",
      },
    );
  return text.replace(/^(ExecStart=.*)$/m, `$1 --home ${home}`);
}
