/** Questions to the machine, answered as if all that a dry run would have made were there. Must not know who asks, nor act. */
import { dirname } from "node:path/posix";
import { Unforeseen } from "../errors.ts";
import type { Command, ReadHost } from "../host.ts";
import { sha256Hex } from "../pki/keys.ts";
import { notAFile } from "../refused-paths.ts";
import { accountIn, parseGroup, parseUser } from "../text/account-lines.ts";
import type { Entry, Overlay } from "./overlay.ts";

type Files = Pick<ReadHost, "stat" | "read" | "digest" | "list" | "statfs" | "stamp">;

const files = (base: ReadHost, tree: Overlay): Files => ({
  stat: async (path, how) => await tree.stat(await tree.seen(path, how?.follow === true), how),
  read: async (path, options) => {
    const spot = await tree.seen(path, true);
    if (spot.ours === undefined) return await base.read(spot.path, options);
    return spot.ours === "gone"
      ? undefined
      : await contentOf(base, path, spot.ours, options?.limit);
  },
  digest: async (path) => {
    const spot = await tree.seen(path, true);
    if (spot.ours === undefined) return await base.digest(spot.path);
    if (spot.ours === "gone") return undefined;
    const { content } = spot.ours;
    if (content.kind === "theirs" && spot.ours.stat.kind === "file")
      return await base.digest(content.path);
    const bytes = await contentOf(base, path, spot.ours);
    return bytes && sha256Hex(bytes);
  },
  list: async (path) => await tree.list(await tree.seen(path, true)),
  statfs: async (path) => {
    let spot = await tree.seen(path, true);
    while (spot.ours !== undefined) spot = await tree.seen(dirname(spot.key), true);
    return await base.statfs(spot.path);
  },
  ...(base.stamp && {
    stamp: (path) => (tree.mayTouch(path) ? undefined : base.stamp?.(path)),
  }),
});

async function contentOf(
  base: ReadHost,
  path: string,
  { stat, content }: Entry,
  limit?: number,
): Promise<Uint8Array | undefined> {
  if (content.kind === "bytes") return content.bytes.subarray(0, limit);
  if (content.kind === "theirs" && stat.kind === "file")
    return await base.read(content.path, limit === undefined ? {} : { limit });
  if (content.kind === "unknown") throw new Unforeseen(`what ${path} then holds is not known yet`);
  throw notAFile(path);
}

/** Of the accounts in a file, those that it then has. */
function accounts<A extends { readonly name: string }>(
  tree: Overlay,
  path: string,
  parse: (line: string) => A | undefined,
  id: (account: A) => number,
) {
  return async (
    name: string,
    otherwise: (name: string) => Promise<A | undefined>,
  ): Promise<A | undefined> => {
    const { ours } = await tree.seen(path, true);
    if (ours === undefined || ours === "gone" || ours.content.kind !== "bytes")
      return await otherwise(name);
    return accountIn(new TextDecoder().decode(ours.content.bytes), parse, id)(name);
  };
}

const pathsIn = ({ argv }: Command): readonly string[] => {
  const text = "shell" in argv ? argv.shell : argv.join("\n");
  return text.match(/\/[^\s'"`;|&<>()=:,]+/g) ?? [];
};

export function overlaidQuestions(base: ReadHost, tree: Overlay): ReadHost {
  const user = accounts(tree, "/etc/passwd", parseUser, ({ uid }) => uid);
  const group = accounts(tree, "/etc/group", parseGroup, ({ gid }) => gid);
  return {
    ...base,
    ...files(base, tree),
    user: (name) => user(name, base.user),
    group: (name) => group(name, base.group),
    query: async (command) => {
      const about = pathsIn(command).find((path) => tree.stands(path));
      if (about !== undefined) throw notYet(command, about);
      const as = command.user;
      const isNew = async (name: string) =>
        (await base.user(name)) === undefined && (await user(name, base.user)) !== undefined;
      if (as !== undefined && (await isNew(as))) throw notYet(command, as);
      return await base.query(command);
    },
  };
}

const notYet = ({ argv }: Command, what: string) =>
  new Unforeseen(
    `what ${"shell" in argv ? "a command" : argv[0]} says of ${what} is not known before the run has changed that`,
  );
