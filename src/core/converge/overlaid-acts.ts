/**
 * Acts of a dry run: done to what is kept in memory, and refused in the words of the machine where that would refuse them. What
 * nobody can tell before it is done rejects with `Unforeseen`. Must not know who acts, nor change the machine.
 */
import { dirname } from "node:path/posix";
import { Unforeseen } from "../errors.ts";
import type { Host, ReadHost, Stat, WriteOptions } from "../host.ts";
import { folderMissing, hasManyNames, notForLinks, refusal } from "../refused-paths.ts";
import { foreseen } from "./foreseen-commands.ts";
import type { Content, Entry, Overlay, Spot } from "./overlay.ts";

/** That something has to be done first goes without saying. */
const unknown = async (): Promise<never> => {
  throw new Unforeseen("");
};

/** `there` answers as if all that was made so far were on the machine. */
export function overlaidHost(there: ReadHost, tree: Overlay): Host {
  const files = there.os.platform === "windows" ? nothingKnown : new Maker(there, tree).acts();
  const notes = new Map<string, string | undefined>();
  const host: Host = {
    ...there,
    ...files,
    noted: async (claim) => (notes.has(claim) ? notes.get(claim) : await there.noted?.(claim)),
    note: async (claim, text) => void notes.set(claim, text),
    tell: () => {},
    held: unknown,
    fetch: unknown,
    query: (command) => command.foreseen?.(host) ?? there.query(command),
    run: (command) => foreseen(host, command),
  };
  return host;
}

type FileActs = Pick<
  Host,
  "write" | "mkdir" | "remove" | "symlink" | "link" | "rename" | "chmod" | "chown" | "setContext"
>;

const nothingKnown: FileActs = {
  write: unknown,
  mkdir: unknown,
  remove: unknown,
  symlink: unknown,
  link: unknown,
  rename: unknown,
  chmod: unknown,
  chown: unknown,
  setContext: unknown,
};

type Attributes = Partial<Pick<Stat, "mode" | "uid" | "gid" | "context">>;

class Maker {
  readonly #there: ReadHost;
  readonly #tree: Overlay;
  /** Bytes that the files so far take more than those before, by device. */
  readonly #used = new Map<string, number>();
  #made = 0;

  constructor(there: ReadHost, tree: Overlay) {
    this.#there = there;
    this.#tree = tree;
  }

  acts = (): FileActs => ({
    write: (path, content, options = {}) => this.#write(path, content, options),
    mkdir: (path, options = {}) => this.#mkdir(path, options),
    remove: (path, { recursive = false } = {}) => this.#remove(path, recursive),
    symlink: (path, target) => this.#symlink(path, target),
    link: (path, existing) => this.#link(path, existing),
    rename: (from, to) => this.#rename(from, to),
    chmod: (path, mode) => this.#change("change the mode of", path, { mode }),
    chown: (path, uid, gid, { link = false } = {}) =>
      this.#change("change the owner of", path, { uid, gid }, !link),
    setContext: (path, context) => this.#change("set the context of", path, { context }),
  });

  async #write(
    path: string,
    content: Uint8Array | ReadableStream<Uint8Array>,
    options: WriteOptions,
  ): Promise<void> {
    const spot = await this.#tree.spot(path, true);
    const old = await this.#standing(spot);
    mustHaveOneName(path, old);
    if (old !== undefined && old.kind !== "file") return await unknown();
    const folder = await this.#folderOf("write", path, spot);
    this.#mayChange("write", path, spot);
    // Who gives a stream may wait until it is taken.
    if (!(content instanceof Uint8Array)) return await unknown();
    await this.#mustHaveRoom(path, spot, folder, content.length);
    this.#used.set(deviceOf(folder), this.#usedOn(folder) + content.length - (old?.bytes ?? 0));
    const made = this.#fresh("file", folder, { mode: 0o600, ...given(old), ...given(options) });
    this.#set(spot, {
      stat: { ...made, bytes: content.length },
      content: { kind: "bytes", bytes: content },
    });
  }

  async #mkdir(path: string, options: Attributes): Promise<void> {
    const spot = await this.#tree.spot(path, false);
    const folder = await this.#newIn("make the folder", path, spot);
    const made = this.#fresh("directory", folder, { mode: 0o755, ...given(options) });
    this.#set(spot, { stat: made, content: { kind: "none" } });
  }

  async #symlink(path: string, target: string): Promise<void> {
    const spot = await this.#tree.spot(path, false);
    const folder = await this.#newIn("make the symlink", path, spot);
    const made = this.#fresh("symlink", folder, { mode: 0o777 });
    this.#set(spot, { stat: { ...made, target }, content: { kind: "none" } });
  }

  async #link(path: string, existing: string): Promise<void> {
    const spot = await this.#tree.spot(path, false);
    const from = await this.#tree.spot(existing, false);
    await this.#folderOf("make the hard link", path, spot);
    await this.#folderOf("link to", existing, from);
    const entry = await this.#entry(from);
    if (entry === undefined) throw refusal("ENOENT", "link to", existing);
    if (entry.stat.kind !== "file") throw notForLinks(existing);
    if ((await this.#standing(spot)) !== undefined) throw refusal("EEXIST", "link to", existing);
    this.#mayChange("link to", existing, spot);
    this.#mustBeFree("link to", existing, from);
    const both = { ...entry, stat: { ...entry.stat, links: entry.stat.links + 1 } };
    this.#set(from, both);
    this.#set(spot, both);
  }

  async #rename(from: string, to: string): Promise<void> {
    const [source, target] = [await this.#tree.spot(from, false), await this.#tree.spot(to, false)];
    await this.#folderOf("rename", from, source);
    await this.#folderOf("rename to", to, target);
    const entry = await this.#entry(source);
    const replaced = await this.#standing(target);
    if (entry === undefined) throw refusal("ENOENT", "rename to", to);
    if (entry.stat.kind === "directory" || replaced?.kind === "directory") return await unknown();
    for (const each of [source, target]) this.#mayChange("rename to", to, each);
    // Two names of one file stay two.
    if (entry.stat.inode !== undefined && entry.stat.inode === replaced?.inode) return;
    this.#tree.remove(source.key);
    this.#set(target, entry);
  }

  async #remove(path: string, isRecursive: boolean): Promise<void> {
    const spot = await this.#tree.spot(path, false);
    const old = await this.#standing(spot);
    if (old === undefined) return;
    this.#mayChange("remove", path, spot);
    if (old.kind === "directory" && !isRecursive && (await this.#tree.list(spot))?.length !== 0)
      throw refusal("ENOTEMPTY", "remove", path);
    this.#tree.remove(spot.key);
  }

  async #change(what: string, path: string, to: Attributes, follow = true): Promise<void> {
    const spot = await this.#tree.spot(path, follow);
    const entry = await this.#entry(spot);
    if (entry === undefined) return await unknown();
    if (entry.stat.kind === "file") mustHaveOneName(path, entry.stat);
    this.#mustBeFree(what, path, spot);
    const stat = { ...entry.stat, ...to };
    const isGiven = to.uid !== undefined && stat.kind === "file";
    this.#set(spot, {
      ...entry,
      stat: isGiven ? { ...stat, mode: withoutSetId(stat.mode) } : stat,
    });
  }

  #set(spot: Spot, entry: Entry): void {
    this.#tree.set(spot.key, entry);
  }

  async #standing(spot: Spot): Promise<Stat | undefined> {
    return await this.#tree.stat(spot, { context: true });
  }

  async #entry(spot: Spot): Promise<Entry | undefined> {
    if (spot.ours !== undefined && spot.ours !== "gone") return spot.ours;
    const stat = await this.#standing(spot);
    const hasContent = stat?.kind === "file" || stat?.kind === "directory";
    const content: Content = hasContent ? { kind: "theirs", path: spot.path } : { kind: "none" };
    return stat && { stat, content };
  }

  /** The folder it is to be in. */
  async #folderOf(what: string, path: string, spot: Spot): Promise<Stat> {
    const folder = await this.#standing(await this.#tree.spot(dirname(spot.key), true));
    if (folder?.kind !== "directory") throw folderMissing(what, path);
    return folder;
  }

  async #newIn(what: string, path: string, spot: Spot): Promise<Stat> {
    const folder = await this.#folderOf(what, path, spot);
    this.#mayChange(what, path, spot);
    if ((await this.#standing(spot)) !== undefined) throw refusal("EEXIST", what, path);
    await this.#mustHaveRoom(path, spot, folder, 0);
    return folder;
  }

  /** The names in a folder are the folder's. */
  #mayChange(what: string, path: string, spot: Spot): void {
    const code = this.#there.foresight?.refused(dirname(spot.key));
    if (code !== undefined) throw refusal(code, what, path);
    this.#mustBeFree(what, path, spot);
  }

  /** What may be replaced need not be ours; what is immutable is so for everybody. */
  #mustBeFree(what: string, path: string, spot: Spot): void {
    const code = this.#there.foresight?.refused(spot.key);
    if (code !== undefined && code !== "EACCES") throw refusal(code, what, path);
  }

  /** The new file is there beside the old one for a moment. */
  async #mustHaveRoom(path: string, spot: Spot, folder: Stat, bytes: number): Promise<void> {
    const use = this.#there.foresight && (await this.#there.statfs(dirname(spot.key)));
    if (use === undefined || use.bytes === 0) return;
    const noName = use.inodes > 0 && use.freeInodes === 0;
    if (bytes > use.freeBytes - this.#usedOn(folder) || noName)
      throw refusal("ENOSPC", "write", path);
  }

  #usedOn = (folder: Stat) => this.#used.get(deviceOf(folder)) ?? 0;

  #fresh(kind: Stat["kind"], folder: Stat, own: Attributes & { readonly mode: number }): Stat {
    const device = deviceOf(folder);
    this.#made += 1;
    return {
      kind,
      bytes: 0,
      uid: 0,
      gid: (folder.mode & 0o2000) === 0 ? 0 : folder.gid,
      modified: this.#there.now(),
      links: 1,
      inode: `${device}:new${this.#made}`,
      ...own,
    };
  }
}

const deviceOf = ({ inode = "" }: Stat) => inode.slice(0, inode.indexOf(":"));

/** Only what was said. */
const given = ({ mode, uid, gid, context }: Attributes = {}): Attributes => ({
  ...(mode !== undefined && { mode }),
  ...(uid !== undefined && { uid }),
  ...(gid !== undefined && { gid }),
  ...(context !== undefined && { context }),
});

/** As chown(2) does it. */
const withoutSetId = (mode: number) => mode & ~((mode & 0o010) === 0 ? 0o4000 : 0o6000);

function mustHaveOneName(path: string, there: Stat | undefined): void {
  if (there?.kind === "file" && there.links > 1) throw hasManyNames(path, there.links);
}
