/** Is the server meant that is on this host, or one elsewhere; and does it answer? Must not know what is asked of it. */
import { serverStatus } from "../../core/api/server.ts";
import { asVigoError, type Failure } from "../../core/errors.ts";
import type { Cli } from "./command.ts";
import { stacksFolder } from "./stacks.ts";

/** `--server` or VIGO_SERVER, unless `--home` says that it is here. */
export const isElsewhere = ({ wanted, env }: Pick<Cli, "wanted" | "env">): boolean =>
  wanted.home === undefined && (wanted.server ?? env["VIGO_SERVER"] ?? "") !== "";

/** Where the stacks are: a server's own below its home, those for a server elsewhere in the current folder. */
export const folderOf = (stacks: string | undefined, cli: Pick<Cli, "wanted" | "env">): string =>
  stacks === undefined && isElsewhere(cli) ? process.cwd() : stacksFolder(stacks, cli.wanted);

/** Nobody listens, no home has a token, or no server is known. */
const away: readonly Failure[] = ["unavailable", "missing", "invalid"];

/** Why the server of this host cannot be asked; undefined: it answers. One elsewhere must answer. */
export async function whyAway(cli: Cli): Promise<string | undefined> {
  try {
    await cli.call(serverStatus, { params: {} });
    return undefined;
  } catch (caught) {
    const { failure, message } = asVigoError(caught);
    if (isElsewhere(cli) || !away.includes(failure)) throw caught;
    return message;
  }
}
