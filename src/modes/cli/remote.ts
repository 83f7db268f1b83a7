/** Is the server meant that is on this host, or one elsewhere; and does it answer? Must not know what is asked of it. */
import { existsSync } from "node:fs";
import { serverStatus } from "../../core/api/server.ts";
import { asVigoError, type Failure } from "../../core/errors.ts";
import type { Call } from "./client.ts";
import type { Cli } from "./command.ts";
import { defaultHome } from "./flags.ts";
import { loginFile } from "./login-file.ts";
import { stacksFolder } from "./stacks.ts";

type Asked = Pick<Cli, "wanted" | "env">;

/** `--server` or VIGO_SERVER, or a login on a host that has no server; unless `--home` says that it is here. */
export function isElsewhere({ wanted, env }: Asked): boolean {
  if (wanted.home !== undefined) return false;
  if ((wanted.server ?? env["VIGO_SERVER"] ?? "") !== "") return true;
  return !existsSync(defaultHome) && existsSync(loginFile(env));
}

/** How to call the one that is meant. */
export const callOf = (cli: Cli): Call => (isElsewhere(cli) ? cli.call : cli.callHome);

/** Where the stacks are: a server's own below its home, those for a server elsewhere in the current folder. */
export const folderOf = (stacks: string | undefined, cli: Asked): string =>
  stacks === undefined && isElsewhere(cli) ? process.cwd() : stacksFolder(stacks, cli.wanted);

/** Nobody listens, no home has a token, or no server is known. */
const away: readonly Failure[] = ["unavailable", "missing", "invalid"];

/** Why the server of this host cannot be asked; undefined: it answers. One elsewhere must answer. */
export async function whyAway(cli: Cli): Promise<string | undefined> {
  try {
    await callOf(cli)(serverStatus, { params: {} });
    return undefined;
  } catch (caught) {
    const { failure, message } = asVigoError(caught);
    if (isElsewhere(cli) || !away.includes(failure)) throw caught;
    return message;
  }
}
