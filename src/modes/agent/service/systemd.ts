/** The agent under systemd: its unit beside the others, enabled and started. Must not know other inits. */
import * as files from "node:fs/promises";
import type { Host } from "../../../core/host.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { mustSucceed } from "../../../core/tools/exit.ts";
import { writeAtomically } from "../../../core/write-file.ts";
import unit from "../../../../packaging/vigo-agent.service" with { type: "text" };
import { defaultHome } from "../home.ts";
import { installProgram, plainHome } from "./program.ts";
import type { Service } from "./service.ts";

const name = "vigo-agent.service";

export function systemdService(
  { run }: Pick<Host, "run">,
  home: string,
  { folder, program } = { folder: "/etc/systemd/system", program: "/usr/local/bin/vigo" },
): Service {
  const path = `${folder}/${name}`;
  const systemctl = (...words: readonly string[]) =>
    mustSucceed(`systemctl ${words.join(" ")}`, run({ argv: ["systemctl", ...words] }));
  return {
    name,
    shown: (lines, follow) => {
      const words = ["journalctl", "--no-pager", "--output=cat", "-u", name, "-n", `${lines}`];
      return follow ? [...words, "--follow"] : words;
    },
    isInstalled: async () => (await ifThere(files.stat(path))) !== undefined,
    async install(start) {
      const text = unitText(home);
      await installProgram(program);
      const before = await ifThere(files.readFile(path, "utf8"));
      if (before !== text) await writeAtomically(files, path, text, 0o644);
      await systemctl("daemon-reload");
      await systemctl("enable", name);
      if (start) await systemctl("restart", name);
    },
    async remove() {
      await systemctl("disable", "--now", name);
      await files.rm(path, { force: true });
      await systemctl("daemon-reload");
    },
  };
}

const unitText = (home: string): string =>
  home === defaultHome ? unit : unit.replace(/^(ExecStart=.*)$/m, `$1 --home ${plainHome(home)}`);
