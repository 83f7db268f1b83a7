/**
 * The traits of this machine with their ages, and what the server knows of them: kept ones by one hash, and sent when they
 * changed or are asked for; volatile ones now and then (docs/design/semantics.md §5). Must not know any trait.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type CollectFailure,
  type Collected,
  collectTraits,
  type Section,
} from "../../core/collect.ts";
import type { Host } from "../../core/host.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import { traits } from "../../core/traits/index.ts";
import type { TraitSectionSchema } from "../../core/wire/gen/vigo/v1/agent_pb.ts";
import { traitsRoot } from "../../core/wire/traits-root.ts";
import type { Cache } from "./cache.ts";
import type { HiddenTraits } from "./hidden-traits.ts";

/** Ages are written down now and then: losing some costs one collection too early or too late. */
const writtenEveryCycles = 5;

let volatile: ReadonlySet<string> | undefined;

/** To ask each trait loads it, which a run that sends nothing has no use for. */
function isVolatile(name: string): boolean {
  volatile ??= new Set(traits.filter(({ keep }) => keep === "run").map((trait) => trait.name));
  return volatile.has(name);
}

/** A part that failed is `custom.room`. */
const topOf = (name: string): string => name.split(".", 1)[0] ?? "";

export interface TraitNews {
  /** Empty: there is more than what is told, and nothing to compare. */
  readonly root: Uint8Array;
  readonly sections: readonly MessageInitShape<typeof TraitSectionSchema>[];
  /** What they were looked through for. */
  readonly learnt: number;
  /** Of the kept ones among these sections, by name. */
  readonly hashes: Readonly<Record<string, string>>;
}

const noRoot = new Uint8Array();

export class TraitKeeper {
  /** As the server wishes. */
  volatileEveryMs = 15 * 60_000;
  readonly #cache: Cache;
  readonly #log: Log;
  readonly #hidden: HiddenTraits;
  #sections: readonly Section[];
  #volatileAt = 0;
  /** What volatile ones were looked through for when they were told last. */
  #volatileLearnt = 0;
  #cycles = 0;
  /** To the disk. */
  #isOwed = false;
  readonly #wanted = new Set<string>();
  /** Collectors that failed last time, so that each failure is said once. */
  #failing: ReadonlySet<string> = new Set();
  /** Are being collected for longer than a check-in waits. */
  readonly #late = new Set<string>();
  #isClosed = false;

  constructor(cache: Cache, log: Log, hidden: HiddenTraits) {
    this.#cache = cache;
    this.#log = log;
    this.#hidden = hidden;
    this.#sections = cache.get("traits") ?? [];
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  /** Collects what is due; what takes longer than this many milliseconds is told with a later check-in. */
  async refresh(host: Host, patienceMs?: number): Promise<void> {
    const due = traits.map(({ name }) => name).filter((name) => !this.#late.has(name));
    const { sections, failures } = await collectTraits(traits, host, {
      previous: this.#sections,
      only: new Set(due),
      ...(patienceMs !== undefined && {
        patience: { ms: patienceMs, late: (name, work) => void this.#wait(name, work) },
      }),
    });
    this.#say(failures, (name) => due.includes(topOf(name)) && !this.#late.has(topOf(name)));
    this.#take(sections, this.#cycles++ % writtenEveryCycles === 0);
  }

  /** A program that hangs shall not be started a second time while it does. */
  async #wait(name: string, work: Promise<Collected>): Promise<void> {
    this.#late.add(name);
    const { sections, failures } = await work;
    this.#late.delete(name);
    if (this.#isClosed) return;
    // While a part of it fails, it is the same trouble each time that it is late.
    const isSettled = failures.length === 0;
    this.#say(failures, (said) => topOf(said) === name && (isSettled || said !== name));
    const merged = new Map([...this.#sections, ...sections].map((one) => [one.name, one]));
    this.#take([...merged.values()], false);
  }

  #take(sections: readonly Section[], isDue: boolean): void {
    const before = new Map(this.#sections.map((section) => [section.name, section]));
    this.#sections = sections;
    const changed = sections.some(({ name, hash, stale }) => {
      const last = before.get(name);
      return !isVolatile(name) && (last?.hash !== hash || last.stale !== stale);
    });
    this.#isOwed ||= changed || isDue;
    this.#write();
  }

  /** No secret reaches the disk: a section that holds one is collected again after a restart. */
  #write(): void {
    if (!this.#isOwed || this.isSilent) return;
    this.#isOwed = false;
    const clean = this.#sections.filter((one) => this.#hidden.of(one).hash === one.hash);
    this.#cache.set("traits", clean);
  }

  /** What fails is said once. What is known now is no longer failing, unless it is among the failures. */
  #say(failures: readonly CollectFailure[], isKnown: (name: string) => boolean): void {
    for (const { name, reason } of failures)
      if (!this.#failing.has(name)) this.#log.warn("trait not collected", { name, reason });
    const others = [...this.#failing].filter((name) => !isKnown(name));
    this.#failing = new Set([...others, ...failures.map(({ name }) => name)]);
  }

  /** What comes later is not looked at. */
  close(): void {
    this.#isClosed = true;
  }

  /** As long as it is so, check-ins say of traits what cannot be a secret, and no root. */
  get isSilent(): boolean {
    return this.#hidden.isTooEarly;
  }

  /** What the next check-in says. */
  news(now: Date): TraitNews {
    const isOld = now.getTime() - this.#volatileAt >= this.volatileEveryMs;
    const due = isOld || this.#volatileLearnt !== this.#hidden.learnt;
    // What changes all the time and is not told now is not looked through for secrets either.
    const isTold = ({ name }: Section) => !isVolatile(name) || due || this.#wanted.has(name);
    const tellable = this.#sections
      .filter(isTold)
      .map((section) => this.#hidden.told(section))
      .filter((section) => section !== undefined);
    const kept = tellable.filter(({ name }) => !isVolatile(name));
    const told = this.#cache.get("told") ?? {};
    const sections = tellable.filter(
      ({ name, hash }) => this.#wanted.has(name) || isVolatile(name) || told[name] !== hash,
    );
    const names = new Set(sections.map(({ name }) => name));
    return {
      learnt: this.#hidden.learnt,
      root: this.isSilent ? noRoot : traitsRoot(kept.map(({ name, hash }) => [name, hash])),
      hashes: Object.fromEntries(
        kept.filter(({ name }) => names.has(name)).map(({ name, hash }) => [name, hash]),
      ),
      sections: sections.map(({ name, value, collectedAt, stale }) => ({
        name,
        value: new TextEncoder().encode(canonicalJson(value)),
        collectedAtMs: BigInt(collectedAt),
        stale,
      })),
    };
  }

  /** The server has them, and asks for these. */
  told({ sections, hashes, learnt }: TraitNews, wanted: readonly string[], now: Date): void {
    this.#write();
    this.#wanted.clear();
    for (const name of wanted) this.#wanted.add(name);
    if (sections.some(({ name = "" }) => isVolatile(name))) {
      this.#volatileAt = now.getTime();
      this.#volatileLearnt = learnt;
    }
    if (Object.keys(hashes).length === 0) return;
    this.#cache.set("told", { ...this.#cache.get("told"), ...hashes });
  }
}
