/**
 * What envoys have told of themselves and nobody has written yet, over the store that has the rest: a check-in waits for no disk, and
 * who reads sees all of it. What a crash takes is told again: the store has no root for those envoys then, or an older one, so their
 * agents are asked. Must not know check-ins, nor SQL.
 */
import { setImmediate } from "node:timers/promises";
import { Line } from "../../../core/line.ts";
import type { TraitRow, TraitStore } from "../store/store.ts";

/** Characters of JSON that may wait; who tells more has to wait for the disk. */
const mostWaiting = 4 * 1024 * 1024;

/** Rows written together: everybody else waits for that long, and is served before the next ones. */
const chunk = 500;

interface Waiting {
  readonly row: TraitRow;
  /** Characters of its JSON. */
  readonly size: number;
}

/** Alike to the store, but for `put`, which resolves once the rows can be read. */
export class ToldTraits implements TraitStore {
  readonly #store: TraitStore;
  readonly #waiting = new Map<string, Map<string, Waiting>>();
  #size = 0;
  readonly #writes = new Line();
  #relief: Promise<void> | undefined;

  constructor(store: TraitStore) {
    this.#store = store;
  }

  /** Has it told something that is not written? */
  isWaiting(envoyId: string): boolean {
    return this.#waiting.has(envoyId);
  }

  async put(rows: readonly TraitRow[]): Promise<void> {
    if (this.#size > mostWaiting) await this.#relieved();
    for (const row of rows) {
      const sections = this.#of(row.envoyId);
      const size = JSON.stringify(row.value).length;
      this.#size += size - (sections.get(row.section)?.size ?? 0);
      sections.set(row.section, { row, size });
    }
  }

  /** One write for all who wait for room: with one each, the last of them would wait for all. */
  #relieved(): Promise<void> {
    this.#relief ??= this.write().finally(() => (this.#relief = undefined));
    return this.#relief;
  }

  /** Writes all that waits, then does `also` before anything newer is written. What could not be written goes on waiting. */
  write(also: () => Promise<void> = async () => {}): Promise<void> {
    return this.#writes.add(() => this.#write().then(also));
  }

  async of(envoyId: string): Promise<readonly TraitRow[]> {
    const rows = await this.#store.of(envoyId);
    const waiting = this.#waiting.get(envoyId);
    if (waiting === undefined) return rows;
    return [...rows.filter(({ section }) => !waiting.has(section)), ...rowsOf(waiting)].sort(
      (a, b) => (a.section < b.section ? -1 : 1),
    );
  }

  async hashes(envoyIds: readonly string[]) {
    return this.#over(await this.#store.hashes(envoyIds), envoyIds, () => true);
  }

  async hashesOf(envoyIds: readonly string[], section: string) {
    const rows = (await this.#store.hashesOf(envoyIds, section)).map((row) => ({
      ...row,
      section,
    }));
    const isIt = (row: TraitRow) => row.section === section;
    return this.#over(rows, envoyIds, isIt).filter(
      (row) => !("value" in row && row.value === null),
    );
  }

  async ofMany(envoyIds: readonly string[], sections: readonly string[]) {
    const rows = await this.#store.ofMany(envoyIds, sections);
    return this.#over(rows, envoyIds, ({ section }) => sections.includes(section));
  }

  async some(envoyId: string, sections: readonly string[]) {
    const rows = await this.#store.some(envoyId, sections);
    const waiting = this.#waiting.get(envoyId);
    if (waiting === undefined) return rows;
    return [
      ...rows.filter(({ section }) => !waiting.has(section)),
      ...rowsOf(waiting).filter(({ section }) => sections.includes(section)),
    ];
  }

  /** Those that are waiting in the place of those that are written. */
  #over<T extends Pick<TraitRow, "envoyId" | "section">>(
    rows: readonly T[],
    envoyIds: readonly string[],
    isMeant: (row: TraitRow) => boolean,
  ): readonly (T | TraitRow)[] {
    const waiting = envoyIds.flatMap((id) => rowsOf(this.#waiting.get(id)));
    if (waiting.length === 0) return rows;
    return [
      ...rows.filter(({ envoyId, section }) => !this.#waiting.get(envoyId)?.has(section)),
      ...waiting.filter(isMeant),
    ];
  }

  #of(envoyId: string): Map<string, Waiting> {
    const known = this.#waiting.get(envoyId);
    if (known !== undefined) return known;
    const made = new Map<string, Waiting>();
    this.#waiting.set(envoyId, made);
    return made;
  }

  async #write(): Promise<void> {
    const rows = [...this.#waiting.values()].flatMap(rowsOf);
    for (let at = 0; at < rows.length; at += chunk) {
      if (at > 0) await setImmediate();
      const some = rows.slice(at, at + chunk);
      await this.#store.put(some);
      for (const row of some) this.#written(row);
    }
  }

  /** Unless there is a newer one. */
  #written(row: TraitRow): void {
    const sections = this.#waiting.get(row.envoyId);
    const waiting = sections?.get(row.section);
    if (waiting?.row !== row) return;
    this.#size -= waiting.size;
    sections?.delete(row.section);
    if (sections?.size === 0) this.#waiting.delete(row.envoyId);
  }
}

const rowsOf = (waiting: ReadonlyMap<string, Waiting> | undefined): TraitRow[] =>
  [...(waiting?.values() ?? [])].map(({ row }) => row);
