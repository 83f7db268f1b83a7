/**
 * Tells the daemon at once when something managed was touched, by inotify (kqueue elsewhere): a folder each, and no work while
 * nothing happens. What it misses (folders that are not there yet, more of them than are watched) the ordinary run finds.
 * Must not know what a run does.
 */
import { type FSWatcher, lstatSync, watch as watchFolder } from "node:fs";
import type { Body } from "../../core/bundle/body.ts";
import type { RunReport } from "../../core/converge/report.ts";
import type { Log } from "../../core/log.ts";
import { errno } from "../../core/publish/errno.ts";
import { resources } from "../../core/resources/index.ts";
import { watchedPlaces } from "./watched-places.ts";

/** A program that writes a file does so in several steps. */
const settleMs = 150;
const peaceMs = 2000;
/** inotify allows 8,192 and more a user; others need theirs as well. */
const mostFolders = 4000;

interface Watched {
  /** Another one when the folder was made anew: a watch stays with the old one. */
  readonly inode: string;
  readonly watcher: FSWatcher;
  names: ReadonlySet<string>;
}

export interface WatchOptions {
  readonly log: Log;
  /** Something that is managed was touched. */
  touched(): void;
  /** The longest that it waits when somebody else undoes every repair. */
  readonly mostMs: number;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #folders = new Map<string, Watched>();
  #body: Body | undefined;
  #places: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitMs = settleMs;
  #repairedAt = Number.NEGATIVE_INFINITY;
  /** Was the run that ends now asked for by this watch? */
  #asked = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** After each run: watches what the body in force has, and folders that came or were made anew. */
  ran(body: Body, report: RunReport): void {
    if (body !== this.#body) {
      this.#places = watchedPlaces(body, resources);
      this.#body = body;
      if (this.#places.size > mostFolders)
        this.#options.log.warn("too many folders to watch", {
          folders: this.#places.size,
          watched: mostFolders,
        });
    }
    this.#pace(report);
    this.#arm();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  /**
   * Against another program that undoes it at once, every repair comes twice as late as the one before; after a while of peace,
   * at once again.
   */
  #pace({ counts }: RunReport): void {
    const repaired = counts.changed + counts.failed > 0;
    const now = performance.now();
    const isFight = now - this.#repairedAt < 4 * this.#waitMs + peaceMs;
    if (this.#asked && repaired) this.#repairedAt = now;
    if (this.#asked && repaired && isFight) {
      this.#waitMs = Math.min(this.#waitMs * 2, this.#options.mostMs);
      if (this.#waitMs > 5000)
        this.#options.log.warn("what is repaired is undone again and again", {
          next_look_ms: this.#waitMs,
        });
    } else if (repaired || !this.#asked) this.#waitMs = settleMs;
    this.#asked = false;
  }

  #arm(): void {
    const wanted = new Map([...this.#places].slice(0, mostFolders));
    for (const [folder, known] of this.#folders)
      if (!wanted.has(folder) || inodeOf(folder) !== known.inode) {
        known.watcher.close();
        this.#folders.delete(folder);
      }
    for (const [folder, names] of wanted) this.#watch(folder, names);
  }

  #watch(folder: string, names: ReadonlySet<string>): void {
    const known = this.#folders.get(folder);
    if (known !== undefined) {
      known.names = names;
      return;
    }
    const inode = inodeOf(folder);
    if (inode === undefined) return;
    try {
      const watcher = watchFolder(folder, (_, name) => this.#event(folder, name));
      watcher.on("error", (error) =>
        this.#options.log.warn("a folder is no longer watched", { folder, reason: error.message }),
      );
      this.#folders.set(folder, { inode, watcher, names });
    } catch (error) {
      if (!["ENOENT", "ENOTDIR", "EACCES", "ENOSPC", "EMFILE"].includes(errno(error) ?? ""))
        throw error;
      this.#options.log.warn("a folder cannot be watched", { folder, reason: `${error}` });
    }
  }

  /** Without a name something was lost: it is looked at. The folder's own name comes when it goes away itself. */
  #event(folder: string, name: string | null): void {
    const names = this.#folders.get(folder)?.names;
    const isOurs = name === null || names?.has(name) === true || folder.endsWith(`/${name}`);
    if (!isOurs || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#asked = true;
      this.#options.touched();
    }, this.#waitMs);
  }
}

function inodeOf(folder: string): string | undefined {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() ? `${found.dev}:${found.ino}` : undefined;
}
