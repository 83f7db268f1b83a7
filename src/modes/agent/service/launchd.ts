/**
 * The agent under launchd: its property list in the system's folder, loaded into the system's domain (launchd.plist(5),
 * launchctl(1)). Must not know other inits.
 */
import * as files from "node:fs/promises";
import type { Host } from "../../../core/host.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { mustSucceed } from "../../../core/tools/exit.ts";
import { writeAtomically } from "../../../core/write-file.ts";
import list from "../../../../packaging/org.vigo.agent.plist" with { type: "text" };
import { defaultHome } from "../home.ts";
import { installProgram, plainHome } from "./program.ts";
import type { Service } from "./service.ts";

const label = "org.vigo.agent";
const target = `system/${label}`;

export function launchdService(
  { run, query }: Pick<Host, "run" | "query">,
  home: string,
  { folder, program } = { folder: "/Library/LaunchDaemons", program: "/usr/local/bin/vigo" },
): Service {
  const path = `${folder}/${label}.plist`;
  const launchctl = (...words: readonly string[]) =>
    mustSucceed(`launchctl ${words.join(" ")}`, run({ argv: ["launchctl", ...words] }));
  /** A list that is loaded already is not read again: it goes before it comes. */
  const unload = async () => {
    const { code } = await query({ argv: ["launchctl", "print", target] });
    if (code === 0) await launchctl("bootout", target);
  };
  return {
    name: label,
    shown: (lines, follow) => ["tail", "-n", `${lines}`, ...(follow ? ["-F"] : []), log],
    isInstalled: async () => (await ifThere(files.stat(path))) !== undefined,
    async install(start) {
      const text = listText(home);
      await installProgram(program);
      // launchd takes nothing that others than root may write.
      await writeAtomically(files, path, text, 0o644);
      await launchctl("enable", target);
      if (!start) return;
      await unload();
      await launchctl("bootstrap", "system", path);
    },
    async remove() {
      await unload();
      await files.rm(path, { force: true });
    },
  };
}

const log = "/var/log/vigo-agent.log";

function listText(home: string): string {
  if (home === defaultHome) return list;
  const daemon = "<string>daemon</string>";
  const words = ["--home", plainHome(home)].map((word) => `\n    <string>${word}</string>`);
  return list.replace(daemon, `${daemon}${words.join("")}`);
}
