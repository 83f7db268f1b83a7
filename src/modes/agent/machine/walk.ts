/**
 * Finds the folder that holds a managed entry without being led astray (semantics §9): component by component, and through
 * no symlink but those that root made, or that the owner of the entry made among entries of their own.
 * Must not know what is done to the entry.
 *
 * A folder is *firm* when only root (or the agent's own account) can put something else at its path: such a folder is
 * addressed by its path, and is remembered until `forget`. Any other is held open, and what is in it is addressed through
 * `/proc/self/fd/N`, so that nobody can swap it under our hands. Where there is no /proc, paths are looked at with lstat.
 */
import fs from "node:fs";
import { join } from "node:path";
import { goesInCircles, refusedToFollow } from "../../../core/refused-paths.ts";
import { failed, isAbsence, orFail, unlessAbsent } from "./failure.ts";

/** Linux: a descriptor that only names something. */
const O_PATH = 0x200000;
const { O_DIRECTORY, O_NOFOLLOW } = fs.constants;
const mostLinks = 40;

export const holdsFolders = process.platform === "linux" && fs.existsSync("/proc/self/fd");

/** Opens whatever is there, without following, reading or waiting. Linux only. */
export const nameOnly = (address: string) => fs.openSync(address, O_PATH | O_NOFOLLOW);

interface Folder {
  /** As resolved, for people and for child processes. */
  readonly path: string;
  /** What its entries are addressed through. */
  readonly address: string;
  readonly uid: number;
  readonly mode: number;
  readonly firm: boolean;
  readonly fd?: number;
}

/** One entry, there or not, in a folder that stays what it is until `close`. */
export interface Spot {
  /** For system calls of this process. */
  readonly at: string;
  /** For messages and child processes. */
  readonly path: string;
  readonly name: string;
  readonly folder: { readonly address: string; readonly path: string };
  /** Links on the way were made by this account, so the entry must be theirs as well. */
  readonly maker: number | undefined;
  close(): void;
}

interface Walk {
  /** What is asked for, for messages. */
  readonly wanted: string;
  readonly follow: boolean;
  folder: Folder;
  rest: string[];
  links: number;
  maker: number | undefined;
  /** Descriptors opened on the way. */
  readonly held: number[];
}

export class Walker {
  readonly #trusted: ReadonlySet<number>;
  /** Firm folders by the path they were asked for. */
  readonly #known = new Map<string, Folder>();

  constructor() {
    this.#trusted = new Set([0, process.geteuid?.() ?? 0]);
  }

  /** What was learned about folders may be wrong from now on: something acted on the machine. */
  forget(): void {
    this.#known.clear();
  }

  /** Undefined when the folder is not there. With `follow` the entry is where a trustworthy link at `path` leads to. */
  locate(path: string, follow: boolean): Spot | undefined {
    const spot = this.known(path);
    if (spot !== undefined && (!follow || !isLink(spot.at))) return spot;
    return this.#walk(path, follow);
  }

  /**
   * The entry itself in a folder that is known to stay put, at no cost; undefined where the way has to be walked. Who uses it
   * must not follow what may be a link there.
   */
  known(path: string): Spot | undefined {
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    const folder = this.#known.get(path.slice(0, slash));
    return folder !== undefined && plain(name) ? spotIn(folder, name) : undefined;
  }

  #walk(wanted: string, follow: boolean): Spot | undefined {
    const walk: Walk = {
      wanted,
      follow,
      folder: this.#root(),
      rest: components(wanted),
      links: 0,
      maker: undefined,
      held: [],
    };
    try {
      const spot = this.#steps(walk);
      if (spot === undefined) closeAll(walk.held);
      else if (walk.links === 0 && walk.folder.firm)
        this.#known.set(wanted.slice(0, wanted.lastIndexOf("/")), walk.folder);
      return spot;
    } catch (error) {
      closeAll(walk.held);
      throw error;
    }
  }

  #steps(walk: Walk): Spot | undefined {
    for (let name = walk.rest.shift(); name !== undefined; name = walk.rest.shift()) {
      const last = walk.rest.length === 0 && plain(name);
      if (last && !walk.follow) return finished(walk, name);
      const found = look(walk, name);
      if (found?.isSymbolicLink()) this.#follow(walk, name, found);
      else if (last) return finished(walk, name);
      else if (found?.isDirectory() !== true || !this.#enter(walk, name, found)) return undefined;
    }
    return finished(walk, ".");
  }

  #root(): Folder {
    const { uid, mode } = fs.lstatSync("/");
    return { path: "/", address: "/", uid, mode, firm: this.#trusted.has(uid) };
  }

  /** False when the folder went away meanwhile. */
  #enter(walk: Walk, name: string, seen: fs.Stats): boolean {
    const { folder } = walk;
    const path = join(folder.path, name);
    const firm = name !== ".." && this.#staysPut(folder, seen);
    if (firm || !holdsFolders) {
      walk.folder = { path, address: path, uid: seen.uid, mode: seen.mode, firm };
      return true;
    }
    const address = inside(folder, name);
    try {
      const fd = fs.openSync(address, O_PATH | O_DIRECTORY | O_NOFOLLOW);
      walk.held.push(fd);
      const { uid, mode } = fs.fstatSync(fd);
      walk.folder = { path, address: `/proc/self/fd/${fd}`, uid, mode, firm: false, fd };
      return true;
    } catch (error) {
      if (isAbsence(error)) return false;
      throw failed(error, "enter", path);
    }
  }

  /** Can nobody but a trusted account put another entry in place of this one? */
  #staysPut(folder: Folder, entry: fs.Stats): boolean {
    if (!folder.firm || !this.#trusted.has(folder.uid) || !this.#trusted.has(entry.uid))
      return false;
    return !othersWrite(folder) || (folder.mode & 0o1000) !== 0;
  }

  #follow(walk: Walk, name: string, link: fs.Stats): void {
    const { folder } = walk;
    if (!this.#staysPut(folder, link)) walk.maker = this.#makerOf(walk, name, link);
    walk.links += 1;
    if (walk.links > mostLinks) throw goesInCircles(walk.wanted);
    const at = inside(folder, name);
    const target = orFail("read the symlink", join(folder.path, name), () => fs.readlinkSync(at));
    walk.rest.unshift(...components(target));
    if (target.startsWith("/")) walk.folder = this.#root();
  }

  /** Who answers for a link that root did not make: the owner of the folder it is in, when nobody else can write there. */
  #makerOf(walk: Walk, name: string, link: fs.Stats): number {
    const { folder } = walk;
    const path = join(folder.path, name);
    if (othersWrite(folder))
      throw refused(walk, `${path} is a symlink in a folder where others may write`);
    if (link.uid !== folder.uid && !this.#trusted.has(link.uid))
      throw refused(walk, `${path} is a symlink of user ${link.uid} in a folder of ${folder.uid}`);
    if (walk.maker !== undefined && walk.maker !== folder.uid)
      throw refused(walk, "symlinks of different users lead there");
    return folder.uid;
  }
}

/** Not `join`: it would take `/proc/self/fd/5/..` for `/proc/self/fd`. */
const inside = ({ address }: { readonly address: string }, name: string) =>
  address === "/" ? `/${name}` : `${address}/${name}`;

const components = (path: string) => path.split("/").filter((part) => part !== "" && part !== ".");
const plain = (name: string) => name !== "" && name !== "." && name !== "..";
const othersWrite = ({ mode }: { readonly mode: number }) => (mode & 0o022) !== 0;

function isLink(address: string): boolean {
  return orFail("look at", address, () =>
    Boolean(fs.lstatSync(address, { throwIfNoEntry: false })?.isSymbolicLink()),
  );
}

const look = ({ folder }: Walk, name: string) =>
  unlessAbsent("look at", join(folder.path, name), () => fs.lstatSync(inside(folder, name)));

function finished(walk: Walk, name: string): Spot {
  const { folder, maker } = walk;
  if (maker !== undefined && folder.uid !== maker)
    throw refused(walk, `a symlink of user ${maker} leads to a folder of user ${folder.uid}`);
  return { ...spotIn(folder, name), maker, close: () => closeAll(walk.held) };
}

const spotIn = (folder: Folder, name: string): Spot => ({
  at: inside(folder, name),
  path: join(folder.path, name),
  name,
  folder,
  maker: undefined,
  close: () => {},
});

function closeAll(held: number[]): void {
  for (const fd of held.splice(0)) fs.closeSync(fd);
}

const refused = ({ wanted }: Walk, why: string) => refusedToFollow(wanted, why);
