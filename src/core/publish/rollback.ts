/** Which version a rollback goes back to, and what it then publishes. Must not know who asks. */
import { VigoError } from "../errors.ts";
import type { Files } from "../files.ts";
import { history, liveVersion, type Live, type Manifest, readVersion } from "./live.ts";
import type { Publication } from "./publish.ts";

/** `asked` undefined: the one before the live one. Rejects with `missing`, or `conflict` for the live one itself. */
export async function versionToRestore(
  files: Files,
  home: string,
  asked: number | undefined,
): Promise<Live> {
  const live = await liveVersion(files, home);
  const versions = await history(files, home);
  const current = versions.find(({ version }) => version === live?.version);
  if (current === undefined)
    throw new VigoError("missing", "nothing was published yet", { hint: "vigo cli publish" });
  const target = asked === undefined ? before(current, versions) : named(asked, versions);
  if (target.digest === current.digest)
    throw new VigoError("conflict", `version ${target.version} is what is live already`);
  return readVersion(files, home, target);
}

/** What a version replaced, with its tree. Rejects with `missing` when that is not kept any more. */
export const formerOf = async (files: Files, home: string, manifest: Manifest): Promise<Live> =>
  readVersion(files, home, before(manifest, await history(files, home)));

/** What it replaced; of versions with the same content the newest that is older. */
function before({ version, parent }: Manifest, versions: readonly Manifest[]): Manifest {
  if (parent === undefined)
    throw new VigoError("missing", `version ${version} is the first: there is none to go back to`);
  const older = versions.filter((each) => each.version < version);
  const found = older.find(({ digest }) => digest === parent);
  if (found !== undefined) return found;
  throw new VigoError("missing", `the version before ${version} is not kept`, {
    hint: "vigo cli config history lists those that are",
  });
}

function named(asked: number, versions: readonly Manifest[]): Manifest {
  const found = versions.find(({ version }) => version === asked);
  if (found !== undefined) return found;
  throw new VigoError("missing", `there is no version ${asked}, or it is not kept any more`, {
    hint: "vigo cli config history lists those that are",
  });
}

/** The old content as a new version; it stays what it was: uploaded or not, of its commit. */
export function restoring(
  { manifest, tree }: Live,
  who: { readonly actor: string; readonly message: string; readonly now: Date },
): Publication {
  const { version, source, git_commit, uploaded } = manifest;
  return {
    ...who,
    tree,
    source,
    ...(git_commit === undefined ? {} : { gitCommit: git_commit }),
    ...(uploaded === true ? { uploaded } : {}),
    rollbackOf: version,
    replace: true,
    supersede: true,
  };
}
