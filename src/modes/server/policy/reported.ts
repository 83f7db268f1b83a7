/**
 * What an envoy has reported, as little of it as the policy reads: of the sections that are kept of each, most are for people. Must
 * not know policy, but for which sections a resolution has read.
 */
import type { Bundle } from "../../../core/bundle/compile.ts";
import type { Subject, Unresolved } from "../../../core/policy/model.ts";
import type { TraitStore } from "../store/store.ts";

type Traits = Subject["traits"];

export class Reported {
  /** What resolutions have read so far, whichever envoy and policy they were for. */
  readonly #read = new Set<string>();

  constructor(readonly store: Pick<TraitStore, "of" | "some">) {}

  /** As `resolve` does it with all that this envoy has reported. What could not be resolved was resolved with all of it. */
  async resolve(
    envoyId: string,
    resolve: (traits: Traits) => Bundle | Unresolved,
  ): Promise<Bundle | Unresolved> {
    const some = resolve(valuesOf(await this.store.some(envoyId, [...this.#read])));
    if (some.kind === "bundle" && some.resolved.sectionsRead.every((one) => this.#read.has(one)))
      return some;
    const whole = resolve(valuesOf(await this.store.of(envoyId)));
    if (whole.kind === "bundle")
      for (const section of whole.resolved.sectionsRead) this.#read.add(section);
    return whole;
  }
}

type Row = Awaited<ReturnType<TraitStore["some"]>>[number];

const valuesOf = (rows: readonly Row[]): Traits =>
  Object.fromEntries(rows.map(({ section, value }) => [section, value]));
