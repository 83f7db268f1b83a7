/**
 * Trait sections that check-ins bring: kept, and compared by the root that the agent tells. Must not know the calls, nor what
 * the traits mean.
 */
import { VigoError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import type { AnyTraitType } from "../../../core/trait.ts";
import type { CheckIn, TraitSection } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { absentHash, keptTraits, sectionHash, traitsRoot } from "../../../core/wire/traits-root.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { TraitRow, TraitStore } from "../store/store.ts";

export interface TraitIntakeOptions {
  readonly store: Pick<TraitStore, "hashes" | "put">;
  /** Every trait this server knows; sections of others are not kept. */
  readonly registry: readonly AnyTraitType[];
  readonly now: () => number;
}

/** Of one section: a machine has thousands of packages, not millions. */
const maxSectionBytes = 1024 * 1024;

export class TraitIntake {
  readonly #store: TraitIntakeOptions["store"];
  readonly #now: () => number;
  readonly #known: ReadonlySet<string>;
  /** Those the root is made of. */
  readonly #kept: ReadonlySet<string>;
  readonly #empty = traitsRoot([]);

  constructor({ store, registry, now }: TraitIntakeOptions) {
    this.#store = store;
    this.#now = now;
    this.#known = new Set(registry.map((trait) => trait.name));
    this.#kept = keptTraits(registry);
  }

  /** Does the server hold the kept sections that the agent has? An agent that tells no root has none to compare. */
  isCurrent({ traitsRoot: known = this.#empty }: Envoy, { traitsRoot: told }: CheckIn): boolean {
    return told.length === 0 || equal(known, told);
  }

  /** Kept sections that are worth asking for. */
  get wanted(): string[] {
    return [...this.#kept];
  }

  /** Keeps what came; an envoy whose policy has read what changed becomes dirty. */
  async take(envoy: Envoy, { sections, traitsRoot: told }: CheckIn): Promise<void> {
    const rows = sections
      .filter(({ name }) => this.#known.has(name))
      .map((row) => read(envoy.id, row, this.#now()));
    if (rows.length === 0) return;
    const before = hashesIn(await this.#store.hashes([envoy.id]));
    const after = new Map([...before, ...hashesIn(rows)]);
    const root = traitsRoot([...after].filter(([section]) => this.#kept.has(section)));
    // Who tells no root has more than what came.
    const answered =
      told.length > 0 && envoy.asked && rows.some((row) => this.#kept.has(row.section));
    const absent = answered && !equal(root, told) ? this.#absent(envoy, rows) : [];
    const news = [...rows, ...absent];
    await this.#store.put(news);
    // An agent with sections unknown here has another root for ever; it has told what it was asked for, and that will do.
    envoy.traitsRoot = answered ? told.slice() : root;
    envoy.asked = false;
    const changed = news.filter((row) => before.get(row.section) !== row.hash);
    if (changed.some((row) => envoy.sectionsRead.includes(row.section))) envoy.dirty();
  }

  /** What was asked for and did not come, the machine has not. */
  #absent({ id: envoyId }: Envoy, rows: readonly TraitRow[]): readonly TraitRow[] {
    const came = new Set(rows.map((row) => row.section));
    return this.wanted
      .filter((section) => !came.has(section))
      .map((section) => ({
        envoyId,
        section,
        value: null,
        hash: absentHash,
        collectedAt: rows[0]?.collectedAt ?? 0,
        stale: false,
      }));
  }
}

const hashesIn = (rows: readonly Pick<TraitRow, "section" | "hash">[]) =>
  new Map(rows.map(({ section, hash }) => [section, hash]));

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function read(envoyId: string, section: TraitSection, now: number): TraitRow {
  const { name, value: bytes, collectedAtMs, stale } = section;
  if (bytes.length > maxSectionBytes)
    throw new VigoError("limited", `trait ${name} has more than ${maxSectionBytes} bytes`);
  const value = parse(name, bytes);
  // As the other clock says, but in the past of ours: not every number is a date.
  const collectedAt = Math.min(Math.max(Number(collectedAtMs), 0), now);
  return { envoyId, section: name, value, hash: sectionHash(bytes), collectedAt, stale };
}

function parse(name: string, bytes: Uint8Array): Json {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Json;
  } catch (cause) {
    throw new VigoError("invalid", `trait ${name} is not JSON`, { cause });
  }
}
