/** How the published policy stands: is publishing frozen, who has it already. Must not know how that is shown. */
import files from "node:fs/promises";
import { configStatus } from "../../core/api/config.ts";
import type { Answer } from "../../core/api/endpoint.ts";
import { asVigoError } from "../../core/errors.ts";
import { freezeInForce } from "../../core/publish/freeze.ts";
import type { Cli } from "./command.ts";
import { isElsewhere } from "./remote.ts";
import { homeOf } from "./stacks.ts";

export type Told = Answer<typeof configStatus>;
export type Freeze = NonNullable<Told["freeze"]>;

/** Rejects when a server elsewhere does not answer; of the one on this host undefined then: it may be down. */
export async function toldBy(cli: Cli): Promise<Told | undefined> {
  if (isElsewhere(cli)) return cli.call(configStatus, { params: {} });
  try {
    return await cli.callHome(configStatus, { params: {} });
  } catch (caught) {
    if (asVigoError(caught).failure === "internal") throw caught;
    return undefined;
  }
}

/** Of this host's server by its file, so that it is known with the server down as well. */
export async function freezeOf(cli: Cli, told?: Told): Promise<Freeze | undefined> {
  if (isElsewhere(cli)) return (told ?? (await toldBy(cli)))?.freeze;
  return freezeInForce(files, homeOf(cli.wanted), new Date());
}
