/**
 * What an envoy has reported, as little of it as the policy reads: of the sections that are kept of each, most are for people. Must
 * not know policy, but for which sections a resolution has read.
 */
import type { Subject } from "../../../core/policy/model.ts";
import type { TraitStore } from "../store/store.ts";

type Traits = Subject["traits"];

export class Reported {
  /** What resolutions have read so far, whichever envoy and policy they were for. */
  readonly #read = new Set<string>();

  constructor(readonly store: Pick<TraitStore, "of" | "some">) {}

  /**
   * As it is asked of all that this envoy has reported. `read` tells which sections an answer depends on; undefined: any may matter,
   * as when something could not be resolved.
   */
  async ask<T>(
    envoyId: string,
    ask: (traits: Traits) => T,
    read: (answer: T) => readonly string[] | undefined,
  ): Promise<T> {
    const some = ask(valuesOf(await this.store.some(envoyId, [...this.#read])));
    if (read(some)?.every((one) => this.#read.has(one))) return some;
    const whole = ask(valuesOf(await this.store.of(envoyId)));
    for (const section of read(whole) ?? []) this.#read.add(section);
    return whole;
  }
}

type Row = Awaited<ReturnType<TraitStore["some"]>>[number];

const valuesOf = (rows: readonly Row[]): Traits =>
  Object.fromEntries(rows.map(({ section, value }) => [section, value]));
