/**
 * What a dry run would have made of the files so far, kept in memory: entries that stand in place of those of the machine. Must not
 * know who makes them, nor write anything.
 */
import { posix } from "node:path";
import type { ReadHost, Stat } from "../host.ts";
import { goesInCircles } from "../refused-paths.ts";
import { Unforeseen } from "../errors.ts";

export interface Entry {
  readonly stat: Stat;
  readonly content: Content;
}

export type Content =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** What the machine has at this path; of a folder, all that is in it. */
  | { readonly kind: "theirs"; readonly path: string }
  /** Of new folders and of links. */
  | { readonly kind: "none" }
  | { readonly kind: "unknown" };

/** Where a path leads to, and how the machine is asked about it when nothing of ours stands there. */
export interface Spot {
  /** Without links on the way. */
  readonly key: string;
  /** Undefined: nothing of ours; `gone`: we have removed what was there. */
  readonly ours: Entry | "gone" | undefined;
  readonly path: string;
  readonly follow: boolean;
}

export type StatHow = Parameters<ReadHost["stat"]>[1];

const mostEntries = 100_000;
const mostBytes = 64 * 1024 * 1024;
const mostLinks = 40;

const partsOf = (path: string) => path.split("/").filter((part) => part !== "" && part !== ".");

export class Overlay {
  readonly #base: ReadHost;
  readonly #entries = new Map<string, Entry | "gone">();
  /** Names of ours by folder. */
  readonly #names = new Map<string, Set<string>>();
  readonly #touched = new Set<string>();
  /** Of the machine, and no links. */
  readonly #folders = new Set<string>();
  #bytes = 0;

  constructor(base: ReadHost) {
    this.#base = base;
  }

  /** Does something of ours stand at this path, were there no links? */
  stands(path: string): boolean {
    return this.#entries.size > 0 && this.#at(posix.normalize(path)) !== undefined;
  }

  /** Never says no where links could lead to what is ours. */
  mayTouch(path: string): boolean {
    return this.#entries.size > 0 && partsOf(path).some((part) => this.#touched.has(part));
  }

  /** As `spot`, for questions: nothing is looked for where nothing was made yet. */
  async seen(path: string, follow: boolean): Promise<Spot> {
    if (this.#entries.size === 0) return { key: path, ours: undefined, path, follow };
    return await this.spot(path, follow);
  }

  async spot(path: string, follow: boolean): Promise<Spot> {
    const left = partsOf(path);
    let key = "/";
    let isTurned = false;
    let links = 0;
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      // Nobody gets back from a folder that is not there.
      if (part === ".." && !(await this.#isFolder(key)))
        return { key: `${key}/..`, ours: "gone", path, follow };
      const next = posix.join(key, part);
      const isEnd = left.length === 0 && !follow;
      const target = isEnd ? undefined : await this.#linkAt(next);
      if (target === undefined) {
        key = next;
        continue;
      }
      if (++links > mostLinks) throw goesInCircles(path);
      isTurned ||= this.#entries.has(next);
      if (target.startsWith("/")) key = "/";
      left.unshift(...partsOf(target));
    }
    // Asked by the name that was given, the machine follows by its own rules, and refuses by them.
    return { key, ours: this.#at(key), path: isTurned ? key : path, follow };
  }

  async #isFolder(key: string): Promise<boolean> {
    const ours = this.#at(key);
    if (ours === undefined) return (await this.#base.stat(key))?.kind === "directory";
    return ours !== "gone" && ours.stat.kind === "directory";
  }

  async #linkAt(key: string): Promise<string | undefined> {
    if (this.#folders.has(key) && !this.#entries.has(key)) return undefined;
    const ours = this.#at(key);
    if (ours !== undefined) return ours === "gone" ? undefined : ours.stat.target;
    const there = await this.#base.stat(key);
    if (there?.kind === "directory") this.#folders.add(key);
    return there?.target;
  }

  /** Nothing of the machine is in a folder that is new, or gone. */
  #at(key: string): Entry | "gone" | undefined {
    const own = this.#entries.get(key);
    if (own !== undefined) return own;
    for (
      let above = posix.dirname(key);
      above !== "/" && above !== ".";
      above = posix.dirname(above)
    ) {
      const folder = this.#entries.get(above);
      if (folder === undefined) continue;
      return folder === "gone" || folder.content.kind !== "theirs" ? "gone" : undefined;
    }
    return undefined;
  }

  async stat({ ours, path, follow }: Spot, how: StatHow): Promise<Stat | undefined> {
    if (ours === undefined) return await this.#base.stat(path, { ...how, follow });
    return ours === "gone" ? undefined : ours.stat;
  }

  async list(spot: Spot): Promise<readonly string[] | undefined> {
    const { ours, key } = spot;
    if (ours === "gone" || (ours !== undefined && ours.stat.kind !== "directory")) return undefined;
    const at = ours === undefined ? spot.path : theirs(ours);
    const there = at === undefined ? [] : await this.#base.list(at);
    if (there === undefined) return undefined;
    const names = new Set(there);
    for (const name of this.#names.get(key) ?? []) {
      if (this.#entries.get(posix.join(key, name)) === "gone") names.delete(name);
      else names.add(name);
    }
    return [...names].sort();
  }

  set(key: string, entry: Entry): void {
    if (this.#entries.size >= mostEntries)
      throw new Unforeseen("more is made than a dry run keeps");
    const content = this.#kept(entry.content);
    this.#forget(key);
    this.#entries.set(key, { ...entry, content });
    this.#name(key);
  }

  /** With all that is in it. */
  remove(key: string): void {
    for (const name of this.#names.get(key) ?? []) this.remove(posix.join(key, name));
    this.#names.delete(key);
    this.#forget(key);
    this.#entries.set(key, "gone");
    this.#name(key);
  }

  #name(key: string): void {
    const [folder, name] = [posix.dirname(key), posix.basename(key)];
    const names = this.#names.get(folder);
    if (names === undefined) this.#names.set(folder, new Set([name]));
    else names.add(name);
    this.#touched.add(name);
  }

  #kept(content: Content): Content {
    if (content.kind !== "bytes") return content;
    if (this.#bytes + content.bytes.length > mostBytes) return { kind: "unknown" };
    this.#bytes += content.bytes.length;
    return content;
  }

  #forget(key: string): void {
    const before = this.#entries.get(key);
    if (before === undefined || before === "gone") return;
    if (before.content.kind === "bytes") this.#bytes -= before.content.bytes.length;
  }
}

/** Where the machine has what is in it. */
export const theirs = ({ content }: Entry): string | undefined =>
  content.kind === "theirs" ? content.path : undefined;
