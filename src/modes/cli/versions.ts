/** Published versions, of this host's server or of one elsewhere. Must not know what is done with them. */
import files from "node:fs/promises";
import { configHistory } from "../../core/api/config.ts";
import { showTree } from "../../core/api/publish.ts";
import { misused } from "../../core/command/args.ts";
import { VigoError } from "../../core/errors.ts";
import type { Tree } from "../../core/policy/model.ts";
import { unpackTree } from "../../core/publish/archive.ts";
import { history, liveVersion, type Manifest, readVersion } from "../../core/publish/live.ts";
import type { Cli } from "./command.ts";
import { isElsewhere } from "./remote.ts";
import { homeOf } from "./stacks.ts";

export type Version = Manifest & { readonly live: boolean };

/** The newest first. */
export async function versionsOf(cli: Cli): Promise<readonly Version[]> {
  if (isElsewhere(cli)) return (await cli.call(configHistory, { params: {} })).versions;
  const home = homeOf(cli.wanted);
  const live = await liveVersion(files, home);
  return (await history(files, home)).map((each) => ({
    ...each,
    live: each.version === live?.version,
  }));
}

/** A number, or `live`. Rejects with `missing` when it is not kept. */
export async function versionTree(
  cli: Cli,
  named: string,
): Promise<{ readonly manifest: Manifest; readonly tree: Tree }> {
  const number = named === "live" ? undefined : versionNumber(named);
  if (isElsewhere(cli)) {
    const query = number === undefined ? {} : { version: number };
    const { version, tree } = await cli.call(showTree, { params: {}, query });
    return { manifest: version, tree: unpackTree(tree) };
  }
  const found = (await versionsOf(cli)).find(({ version, live }) =>
    number === undefined ? live : version === number,
  );
  if (found !== undefined) return readVersion(files, homeOf(cli.wanted), found);
  const message =
    number === undefined
      ? "nothing was published yet"
      : `there is no version ${number}, or it is not kept any more`;
  throw new VigoError("missing", message, { hint: "vigo cli config history lists versions" });
}

export function versionNumber(written: string): number {
  if (/^[1-9]\d{0,14}$/.test(written)) return Number(written);
  throw misused(`"${written}" is no version: a number that vigo cli config history shows`);
}
