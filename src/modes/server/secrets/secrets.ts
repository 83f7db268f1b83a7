/**
 * Secrets as encrypted files below one folder, one file a secret. What can be said without a key (names, versions) is kept in
 * memory, so that a check-in reads no file. Must not know envoys, HTTP, nor the audit log.
 */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { VigoError } from "../../../core/errors.ts";
import { Line } from "../../../core/line.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { secretFileName, secretPathOf } from "../../../core/secret-path.ts";
import { writeAtomically } from "../write-file.ts";
import type { Secret, SecretKeeper } from "./keeper.ts";
import {
  type MasterKeys,
  newMasterKeys,
  onlyCurrent,
  readMasterKeys,
  writeMasterKeys,
} from "./master-keys.ts";
import { type About, aboutOf, newEdition, parseSealed, seal, unseal } from "./sealed-file.ts";

/** At most so many, so that nobody fills the disk or the memory. */
const most = 10_000;

export class Secrets implements SecretKeeper {
  readonly #folder: string;
  readonly #keyFile: string;
  readonly #known: Map<string, About>;
  #keys: MasterKeys | undefined;
  /** One change after the other: each reads what the one before wrote. */
  readonly #changes = new Line();
  #generation = 0;
  readonly #changed: ((path: string) => void)[] = [];

  private constructor(
    folder: string,
    keyFile: string,
    keys: MasterKeys | undefined,
    known: Map<string, About>,
  ) {
    this.#folder = folder;
    this.#keyFile = keyFile;
    this.#keys = keys;
    this.#known = known;
  }

  /** Rejects with `failed` for a key file that is damaged. A damaged secret is left out, and told of in `unreadable`. */
  static async open(
    folder: string,
    keyFile: string,
    unreadable: (error: VigoError) => void,
  ): Promise<Secrets> {
    const keys = await readMasterKeys(keyFile);
    const known = new Map<string, About>();
    for (const name of ((await ifThere(readdir(folder))) ?? []).sort()) {
      const path = secretPathOf(name);
      if (path === undefined) continue;
      try {
        known.set(path, aboutOf(parseSealed(path, await readFile(join(folder, name), "utf8"))));
      } catch (error) {
        if (!(error instanceof VigoError)) throw error;
        unreadable(error);
      }
    }
    return new Secrets(folder, keyFile, keys, known);
  }

  /** Moves whenever any secret does. */
  get generation(): number {
    return this.#generation;
  }

  /** By path, in order. */
  list(): readonly (readonly [string, About])[] {
    return [...this.#known].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#known.keys());
  }

  about(path: string): About | undefined {
    return this.#known.get(path);
  }

  /** Told of each path whose value is another one from now on. */
  onChange(listener: (path: string) => void): void {
    this.#changed.push(listener);
  }

  /** Gives the id of the master key; rejects with `conflict` when there is one already. */
  init(): Promise<string> {
    return this.#changes.add(async () => {
      if (this.#keys !== undefined)
        throw new VigoError("conflict", "there is a master key already", {
          hint: "vigo cli secrets rotate replaces it",
        });
      const made = newMasterKeys();
      await writeMasterKeys(this.#keyFile, made);
      this.#keys = made;
      return made.current;
    });
  }

  /** Rejects with `missing` when there is no such secret, with `failed` when it cannot be read. */
  async get(path: string): Promise<Secret> {
    const text = await ifThere(readFile(this.#fileOf(path), "utf8"));
    if (text === undefined) throw noSuch(path);
    const file = parseSealed(path, text);
    return { value: unseal(path, file, this.#mustHaveKeys()), about: aboutOf(file) };
  }

  async mustTake(): Promise<void> {
    this.#mustHaveKeys();
  }

  set(path: string, value: Uint8Array, now: number): Promise<About> {
    return this.#changes.add(async () => {
      const keys = this.#mustHaveKeys();
      const before = this.#known.get(path);
      if (before === undefined && this.#known.size >= most)
        throw new VigoError("limited", `there are ${most} secrets already`);
      const version = (before?.version ?? 0) + 1;
      const about = { version, edition: newEdition(), changedAt: now };
      await writeAtomically(this.#fileOf(path), seal(path, value, about, keys));
      this.#known.set(path, about);
      this.#moved(path);
      return about;
    });
  }

  delete(path: string): Promise<About> {
    return this.#changes.add(async () => {
      const about = this.#known.get(path);
      if (about === undefined) throw noSuch(path);
      await rm(this.#fileOf(path), { force: true });
      this.#known.delete(path);
      this.#moved(path);
      return about;
    });
  }

  /** A new master key for everything; versions stay, because values do. Gives its id, and how many it now holds. */
  rotate(): Promise<{ readonly key: string; readonly secrets: number }> {
    return this.#changes.add(async () => {
      const keys = newMasterKeys(this.#mustHaveKeys());
      await writeMasterKeys(this.#keyFile, keys);
      this.#keys = keys;
      for (const path of this.#known.keys()) {
        const { value, about } = await this.get(path);
        await writeAtomically(this.#fileOf(path), seal(path, value, about, keys));
      }
      const left = onlyCurrent(keys);
      await writeMasterKeys(this.#keyFile, left);
      this.#keys = left;
      return { key: left.current, secrets: this.#known.size };
    });
  }

  /** Reads each. */
  async examine(): Promise<number> {
    for (const path of this.#known.keys()) await this.get(path);
    return this.#known.size;
  }

  /** Nothing is held open. */
  close(): void {}

  #fileOf(path: string): string {
    return join(this.#folder, secretFileName(path));
  }

  #mustHaveKeys(): MasterKeys {
    if (this.#keys !== undefined) return this.#keys;
    throw new VigoError("failed", "there is no master key yet", { hint: "vigo cli secrets init" });
  }

  #moved(path: string): void {
    this.#generation++;
    for (const listener of this.#changed) listener(path);
  }
}

const noSuch = (path: string) =>
  new VigoError("missing", `no secret ${path}`, { hint: "vigo cli secrets list" });
