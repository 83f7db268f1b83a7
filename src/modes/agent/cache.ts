/**
 * What the agent remembers, in LMDB: the bundle as it was signed, traits with their ages, records and debts of resources, and the
 * outbox of reports. Small values are one JSON text each, read when it is opened, so that a run with nothing to do reads a few
 * keys and writes one. Must not know what any of it is for. A value is on disk when the call that writes it returns.
 */
import type { Database, RootDatabase } from "lmdb";
import type { Section } from "../../core/collect.ts";
import type { Looks } from "../../core/converge/quick-checks.ts";
import type { Owed, RunRecords } from "../../core/converge/records.ts";
import type { SecretProof } from "../../core/converge/secrets.ts";
import type { FinalState } from "../../core/tasks/states.ts";
import type { Span } from "../../core/wire/convert.ts";
import { paths } from "./home.ts";
import { openLmdb } from "./lmdb.ts";
import type { ProcessMark } from "./machine/orphans.ts";

export interface KeptBundle {
  readonly ticket: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
}

/** How far the runs are. */
export interface RunCounter {
  /** Number of the next run. */
  readonly next: number;
  /** The steady stretch that still goes on. */
  readonly open?: Span;
  readonly lastRunAt?: number;
  /** Of the last run. */
  readonly durationMs?: number;
}

/** What was heard of the server last; milliseconds since 1970. */
export interface Contact {
  readonly lastAt: number;
  /** From one successful check-in to the next, the newest last; at most ten. */
  readonly gapsMs: readonly number[];
  readonly intervalMs: number;
}

/** A task that was ordered; it is never started a second time. Milliseconds since 1970. */
export interface TaskRecord {
  /** Later its order is not obeyed, so that the record may go. */
  readonly expiresAt: number;
  /** Absent: it never started. */
  readonly startedAt?: number;
  /** What leads its group of processes. */
  readonly process?: ProcessMark;
  /** Absent: it runs, or ran when the agent ended. */
  readonly result?: {
    readonly state: FinalState;
    readonly exitCode?: number;
    readonly reason: string;
    readonly dropped: number;
    readonly endedAt: number;
  };
  /** The server has the result. */
  readonly taken?: true;
}

/** The small values, by name. */
interface Values {
  traits: readonly Section[];
  /** Hash by section, as the server was told. */
  told: Readonly<Record<string, string>>;
  records: Readonly<Record<string, string>>;
  looks: Looks;
  /** Of resources that hold secrets, by key. */
  proofs: Readonly<Record<string, SecretProof>>;
  debts: readonly Owed[];
  runs: RunCounter;
  contact: Contact;
  /** Until then the server wants nothing enforced; milliseconds since 1970, 0 outside of maintenance. */
  maintenance: number;
  /** By id. */
  tasks: Readonly<Record<string, TaskRecord>>;
}

/** All of them: one that nobody reads when the cache is opened would be found damaged in the middle of each run. */
export const valueNames = Object.keys({
  traits: true,
  told: true,
  records: true,
  looks: true,
  proofs: true,
  debts: true,
  runs: true,
  contact: true,
  maintenance: true,
  tasks: true,
} satisfies Record<keyof Values, true>) as readonly (keyof Values)[];

const settings = {
  encoding: "binary",
  maxDbs: 2,
  // A commit is on disk when it returns: what is recorded before an act must survive it.
  overlappingSync: false,
} as const;

/** The environment as it is; rejects, or ends the process, when it is damaged: `cache-open.ts` is the careful way. */
export async function openCache(
  home: string,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): Promise<Cache> {
  const { state, lib } = paths(home);
  const root = await openLmdb<Uint8Array>({
    path: state,
    libDir: lib,
    noSubdir: false,
    readOnly,
    ...settings,
  });
  try {
    return new Cache(root);
  } catch (error) {
    await root.close();
    throw error;
  }
}

export class Cache {
  readonly #root: RootDatabase<Uint8Array, string>;
  readonly #outbox: Database<Uint8Array, number> | undefined;
  readonly #known = new Map<keyof Values, Values[keyof Values]>();

  constructor(root: RootDatabase<Uint8Array, string>) {
    this.#root = root;
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
  keepBundle({ ticket, signature, body }: KeptBundle): void {
    this.#root.transactionSync(() => {
      void this.#root.put("ticket", Buffer.from(ticket));
      void this.#root.put("signature", Buffer.from(signature));
      void this.#root.put("body", Buffer.from(body));
    });
  }

  /** Throws a `SyntaxError` where the value is damaged. */
  get<N extends keyof Values>(name: N): Values[N] | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known as Values[N];
    const bytes = this.#root.get(name);
    if (bytes === undefined) return undefined;
    const value = JSON.parse(new TextDecoder().decode(bytes)) as Values[N];
    this.#known.set(name, value);
    return value;
  }

  set<N extends keyof Values>(name: N, value: Values[N]): void {
    this.#known.set(name, value);
    this.#root.transactionSync(() => this.#put(name, value));
  }

  #put<N extends keyof Values>(name: N, value: Values[N]): void {
    void this.#root.put(name, Buffer.from(JSON.stringify(value)));
  }

  /** Reports that wait, oldest first; the key is the highest run number in each. */
  *waiting(): Iterable<{ readonly key: number; readonly bytes: Uint8Array }> {
    for (const { key, value } of this.#outbox?.getRange() ?? []) yield { key, bytes: value };
  }

  waitingCount(): number {
    return this.#outbox?.getKeysCount() ?? 0;
  }

  /** A change of the outbox together with the counter that must move with it. */
  changeOutbox(change: {
    readonly put?: readonly { readonly key: number; readonly bytes: Uint8Array }[];
    readonly remove?: readonly number[];
    readonly runs?: RunCounter;
  }): void {
    if (change.runs !== undefined) this.#known.set("runs", change.runs);
    this.#root.transactionSync(() => {
      for (const key of change.remove ?? []) void this.#outbox?.remove(key);
      for (const { key, bytes } of change.put ?? [])
        void this.#outbox?.put(key, Buffer.from(bytes));
      if (change.runs !== undefined) this.#put("runs", change.runs);
    });
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

/** The records of runs, as a run wants them. */
export function recordsIn(cache: Cache): RunRecords {
  const debts = () => cache.get("debts") ?? [];
  const same = (a: Owed) => (b: Owed) => a.target === b.target && a.cause === b.cause;
  return {
    enforced: () => new Map(Object.entries(cache.get("records") ?? {})),
    looks: () => cache.get("looks"),
    owed: debts,
    owe: async (more) => cache.set("debts", [...debts(), ...more]),
    pay: async (paid) =>
      cache.set(
        "debts",
        debts().filter((debt) => !paid.some(same(debt))),
      ),
    learn: async ({ enforced, forgotten, looks }) => {
      if (looks !== undefined) cache.set("looks", looks);
      if (enforced.size + forgotten.length === 0) return;
      const records = new Map([...Object.entries(cache.get("records") ?? {}), ...enforced]);
      for (const key of forgotten) records.delete(key);
      cache.set("records", Object.fromEntries(records));
    },
  };
}
