/**
 * What the agent remembers, in LMDB: the bundle as it was signed, traits with their ages, records and debts of resources, and the
 * outbox of reports. Must not know what any of it is for. A value is on disk when the promise of its write resolves.
 */
import { rename } from "node:fs/promises";
import type { Database, RootDatabase } from "lmdb";
import type { Records } from "../../core/converge/records.ts";
import type { Json } from "../../core/json.ts";
import { sha256Hex } from "../../core/pki/keys.ts";
import { errno } from "../../core/publish/errno.ts";
import { paths } from "./home.ts";
import { openLmdb } from "./lmdb.ts";

export interface KeptTrait {
  readonly value: Json;
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly collectedAt: number;
  readonly stale: boolean;
}

export interface KeptBundle {
  readonly ticket: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
}

interface Said {
  warn(event: string, fields: Readonly<Record<string, string>>): void;
}

/** One process at a time opens it: the run lock sees to that. */
export async function openCache(home: string, log: Said, now: () => Date): Promise<Cache> {
  const { state, lib } = paths(home);
  try {
    return new Cache(await openLmdb<Uint8Array>({ path: state, libDir: lib, ...settings }));
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${state}.damaged-${now().toISOString().replaceAll(":", "")}`;
    await rename(state, aside).catch((cause: unknown) => {
      if (errno(cause) !== "ENOENT") throw cause;
    });
    log.warn("the agent's state was damaged and is made anew", {
      kept: aside,
      reason: String(error),
    });
    return new Cache(await openLmdb<Uint8Array>({ path: state, libDir: lib, ...settings }));
  }
}

const settings = { maxDbs: 4, mapSize: 1 << 30, encoding: "binary" } as const;

/** What LMDB says of a file that is not its own, or not whole. */
const isDamage = (error: unknown): boolean =>
  error instanceof Error &&
  /MDB_(?:INVALID|CORRUPTED|VERSION_MISMATCH|PAGE_NOTFOUND|PANIC|BAD_\w+)|not an? (?:LMDB|MDB)|invalid|corrupt/i.test(
    error.message,
  );

export class Cache {
  readonly #root: RootDatabase<Uint8Array, string>;
  readonly #facts: Database<Json, string>;
  readonly #outbox: Database<Uint8Array, number>;

  constructor(root: RootDatabase<Uint8Array, string>) {
    this.#root = root;
    this.#facts = root.openDB<Json, string>({ name: "facts", encoding: "json" });
    this.#outbox = root.openDB<Uint8Array, number>({
      name: "outbox",
      encoding: "binary",
      keyEncoding: "ordered-binary",
    });
  }

  bundle(): KeptBundle | undefined {
    const [ticket, signature, body] = ["ticket", "signature", "body"].map((name) =>
      this.#root.get(name),
    );
    return ticket && signature && body ? { ticket, signature, body } : undefined;
  }

  /** All or nothing. */
  async keepBundle({ ticket, signature, body }: KeptBundle): Promise<void> {
    await this.#durably(() => {
      void this.#root.put("ticket", ticket);
      void this.#root.put("signature", signature);
      void this.#root.put("body", body);
    });
  }

  trait(name: string): KeptTrait | undefined {
    return this.#facts.get(`trait/${name}`) as KeptTrait | undefined;
  }

  async keepTraits(traits: ReadonlyMap<string, KeptTrait>): Promise<void> {
    await this.#facts.transaction(() => {
      for (const [name, kept] of traits) void this.#facts.put(`trait/${name}`, { ...kept });
    });
  }

  /** A small value by name; undefined takes it away. */
  get<V extends Json>(name: string): V | undefined {
    return this.#facts.get(`value/${name}`) as V | undefined;
  }

  async set(name: string, value: Json | undefined): Promise<void> {
    await this.#durably(() => {
      if (value === undefined) void this.#facts.remove(`value/${name}`);
      else void this.#facts.put(`value/${name}`, value);
    });
  }

  /** Read whole when a run begins; what changed is written by `keep`, in one transaction. */
  records(): Records & { keep(): Promise<void> } {
    const digests = new Map(this.#entries("record/"));
    const debts = new Set(this.#entries("debt/").map(([key]) => key));
    const changed = new Map<string, string | undefined>();
    return {
      enforced: (key) => digests.get(key),
      remember: (key, digest) => {
        if (digests.get(key) === digest) return;
        if (digest === undefined) digests.delete(key);
        else digests.set(key, digest);
        changed.set(key, digest);
      },
      owed: () => debts,
      owe: async (targets, cause) => {
        const fresh = targets.filter((target) => !debts.has(target));
        for (const target of fresh) debts.add(target);
        if (fresh.length > 0)
          await this.#durably(() => {
            for (const target of fresh)
              void this.#facts.put(named("debt/", target), [target, cause]);
          });
      },
      paid: async (target) => {
        if (debts.delete(target))
          await this.#durably(() => void this.#facts.remove(named("debt/", target)));
      },
      keep: async () => {
        if (changed.size === 0) return;
        const writes = [...changed];
        changed.clear();
        await this.#durably(() => {
          for (const [key, digest] of writes)
            if (digest === undefined) void this.#facts.remove(named("record/", key));
            else void this.#facts.put(named("record/", key), [key, digest]);
        });
      },
    };
  }

  /** Keys of resources that a refresh is owed to, with what caused it. */
  debts(): readonly (readonly [target: string, cause: string])[] {
    return this.#entries("debt/");
  }

  /** In order of their numbers. */
  reports(limit: number): readonly { readonly key: number; readonly bytes: Uint8Array }[] {
    return [...this.#outbox.getRange({ limit })].map(({ key, value }) => ({ key, bytes: value }));
  }

  reportCount(): number {
    return this.#outbox.getKeysCount();
  }

  reportBytes(): number {
    let bytes = 0;
    for (const { value } of this.#outbox.getRange()) bytes += value.length;
    return bytes;
  }

  /** Several changes of the outbox at once, with the values that must move with them. */
  async changeOutbox(change: {
    readonly put?: ReadonlyMap<number, Uint8Array>;
    readonly remove?: readonly number[];
    readonly set?: Readonly<Record<string, Json>>;
  }): Promise<void> {
    await this.#durably(() => {
      for (const key of change.remove ?? []) void this.#outbox.remove(key);
      for (const [key, bytes] of change.put ?? []) void this.#outbox.put(key, bytes);
      for (const [name, value] of Object.entries(change.set ?? {}))
        void this.#facts.put(`value/${name}`, value);
    });
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  /** One transaction, on disk when it resolves. */
  async #durably(work: () => void): Promise<void> {
    await this.#root.transaction(work);
    await this.#root.flushed;
  }

  #entries(prefix: string): readonly (readonly [string, string])[] {
    const range = this.#facts.getRange({ start: prefix, end: `${prefix}\uffff` });
    return [...range].map(({ value }) => value as unknown as readonly [string, string]);
  }
}

/** A key of LMDB has a limit; the whole name is in the value. */
const named = (prefix: string, key: string): string =>
  key.length <= 200 ? `${prefix}${key}` : `${prefix}${sha256Hex(key)}`;
