/** Where the daemon's log is: in the journal, when systemd has started it. Must not know how it is shown. */
import * as files from "node:fs/promises";
import { VigoError } from "../../core/errors.ts";
import { ifThere } from "../../core/publish/errno.ts";

export interface LogWish {
  readonly lines: number;
  readonly follow: boolean;
}

/** The command that shows it. Rejects with `missing` where no journal has it. */
export async function logCommand(unit: string, wish: LogWish): Promise<readonly string[]> {
  if ((await ifThere(files.stat(unit))) === undefined)
    throw new VigoError("missing", "no service of the agent is installed here", {
      hint: "a daemon that was started by hand logs on its stderr: vigo agent daemon 2>FILE",
    });
  const name = unit.split("/").at(-1) ?? unit;
  const words = ["journalctl", "--no-pager", "--output=cat", "-u", name, "-n", `${wish.lines}`];
  return wish.follow ? [...words, "--follow"] : words;
}
