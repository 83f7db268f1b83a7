/**
 * The traits of this machine with their ages, and what the server knows of them: kept ones by one hash, and sent when they
 * changed or are asked for; volatile ones now and then (docs/design/semantics.md §5). Must not know any trait.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { collectTraits, type Section } from "../../core/collect.ts";
import type { Host } from "../../core/host.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import { traits } from "../../core/traits/index.ts";
import type { TraitSectionSchema } from "../../core/wire/gen/vigo/v1/agent_pb.ts";
import { traitsRoot } from "../../core/wire/traits-root.ts";
import type { Cache } from "./cache.ts";

/** Ages are written down now and then: losing some costs one collection too early or too late. */
const writtenEveryCycles = 5;

let volatile: ReadonlySet<string> | undefined;

/** To ask each trait loads it, which a run that sends nothing has no use for. */
function isVolatile(name: string): boolean {
  volatile ??= new Set(traits.filter(({ keep }) => keep === "run").map((trait) => trait.name));
  return volatile.has(name);
}

export interface TraitNews {
  readonly root: Uint8Array;
  readonly sections: readonly MessageInitShape<typeof TraitSectionSchema>[];
}

export class TraitKeeper {
  /** As the server wishes. */
  volatileEveryMs = 15 * 60_000;
  readonly #cache: Cache;
  readonly #log: Log;
  #sections: readonly Section[];
  #volatileAt = 0;
  #cycles = 0;
  readonly #wanted = new Set<string>();
  /** Collectors that failed last time, so that each failure is said once. */
  #failing = new Set<string>();

  constructor(cache: Cache, log: Log) {
    this.#cache = cache;
    this.#log = log;
    this.#sections = cache.get("traits") ?? [];
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  /** Collects what is due. */
  async refresh(host: Host): Promise<void> {
    const before = new Map(this.#sections.map((section) => [section.name, section]));
    const { sections, failures } = await collectTraits(traits, host, { previous: this.#sections });
    for (const { name, reason } of failures)
      if (!this.#failing.has(name)) this.#log.warn("trait not collected", { name, reason });
    this.#failing = new Set(failures.map(({ name }) => name));
    this.#sections = sections;
    const changed = sections.some(({ name, hash, stale }) => {
      const last = before.get(name);
      return !isVolatile(name) && (last?.hash !== hash || last.stale !== stale);
    });
    if (changed || this.#cycles++ % writtenEveryCycles === 0) this.#cache.set("traits", sections);
  }

  /** What the next check-in says. */
  news(now: Date): TraitNews {
    const kept = this.#sections.filter(({ name }) => !isVolatile(name));
    const told = this.#cache.get("told") ?? {};
    const due = now.getTime() - this.#volatileAt >= this.volatileEveryMs;
    const sections = this.#sections.filter(
      ({ name, hash }) => this.#wanted.has(name) || (isVolatile(name) ? due : told[name] !== hash),
    );
    return {
      root: traitsRoot(kept.map(({ name, hash }) => [name, hash])),
      sections: sections.map(({ name, value, collectedAt, stale }) => ({
        name,
        value: new TextEncoder().encode(canonicalJson(value)),
        collectedAtMs: BigInt(collectedAt),
        stale,
      })),
    };
  }

  /** The server has them, and asks for these. */
  told({ sections }: TraitNews, wanted: readonly string[], now: Date): void {
    this.#wanted.clear();
    for (const name of wanted) this.#wanted.add(name);
    const names = new Set(sections.map(({ name = "" }) => name));
    if ([...names].some((name) => isVolatile(name))) this.#volatileAt = now.getTime();
    const kept = this.#sections.filter(({ name }) => names.has(name) && !isVolatile(name));
    if (kept.length === 0) return;
    const hashes = kept.map(({ name, hash }) => [name, hash] as const);
    this.#cache.set("told", { ...this.#cache.get("told"), ...Object.fromEntries(hashes) });
  }
}
