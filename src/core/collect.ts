/**
 * Collects traits: which are due, all of them at once, each with its own time limit; what fails keeps its last value.
 * Must not know any trait, nor where sections are kept or how they travel.
 */
import { VigoError } from "./errors.ts";
import type { Platform, ReadHost } from "./host.ts";
import { canonicalJson, type Json } from "./json.ts";
import { askingOnce, type Once } from "./tools/once.ts";
import { type AnyTraitType, type Collecting, collectorFor, platformsOf } from "./trait.ts";
import { sectionHash } from "./wire/traits-root.ts";

/** One trait of this machine, as it is kept between runs. */
export interface Section {
  readonly name: string;
  /** Null: this machine has no such thing. */
  readonly value: Json;
  /** sha256 of the canonical JSON, hex. */
  readonly hash: string;
  /** Milliseconds since 1970. Of the value, so a stale section keeps the time of its last success. */
  readonly collectedAt: number;
  /** The collector failed since. */
  readonly stale: boolean;
  /** The start of the machine it was collected in; empty where the platform has no such id. */
  readonly bootId: string;
  /** How many cycles it has been kept for. */
  readonly cycles: number;
}

export interface CollectFailure {
  readonly name: string;
  readonly reason: string;
  /** What was thrown, for the log. */
  readonly error: unknown;
}

export interface Collected {
  /** Every section there is, collected now or kept, in the order of the registry. */
  readonly sections: readonly Section[];
  readonly failures: readonly CollectFailure[];
}

export interface CollectOptions {
  /** Names; the others stay as they are, however old. All when left out. */
  readonly only?: ReadonlySet<string>;
  /** What the last call gave. */
  readonly previous?: readonly Section[];
  /** Collects what is not due yet as well. */
  readonly force?: boolean;
  readonly patience?: Patience;
}

/** For those who cannot wait until each trait is at its own time limit. */
export interface Patience {
  readonly ms: number;
  /** What takes longer goes on: one section, or none, and why. It never rejects. */
  late(name: string, collected: Promise<Collected>): void;
}

const hourMs = 3_600_000;
const mostCycles = 10;
const defaultTimeoutMs = 5_000;
/** Where programs are asked what elsewhere stands in files. */
const askingTimeoutMs = 30_000;
/** Of one section as JSON; the server keeps none that is bigger. */
const mostBytes = 1024 * 1024;

export async function collectTraits(
  traits: readonly AnyTraitType[],
  host: ReadHost,
  { only, previous = [], force = false, patience }: CollectOptions = {},
): Promise<Collected> {
  const bootId = await readBootId(host);
  const kept = new Map(previous.map((section) => [section.name, section]));
  const once = askingOnce();
  const one = async (trait: AnyTraitType): Promise<Collected> => {
    const last = kept.get(trait.name);
    if (!platformsOf(trait).includes(host.os.platform)) return outcome(undefined);
    if (only !== undefined && !only.has(trait.name)) return outcome(last);
    if (!force && last !== undefined && !isDue(trait, last, host.now().getTime(), bootId))
      return outcome({ ...last, cycles: last.cycles + 1 });
    const collected = attempt(trait, host, { last, bootId, once });
    return patience === undefined ? collected : soon(trait.name, last, collected, patience);
  };
  const outcomes = await Promise.all(traits.map(one));
  return {
    sections: outcomes.flatMap(({ sections }) => sections),
    failures: outcomes.flatMap(({ failures }) => failures),
  };
}

const outcome = (section: Section | undefined, failures: readonly CollectFailure[] = []) => ({
  sections: section === undefined ? [] : [section],
  failures,
});

async function attempt(
  trait: AnyTraitType,
  host: ReadHost,
  {
    last,
    bootId,
    once,
  }: {
    readonly last: Section | undefined;
    readonly bootId: string;
    readonly once: Once;
  },
): Promise<Collected> {
  const { name } = trait;
  const parts: CollectFailure[] = [];
  const failed = (part: string, error: unknown) =>
    parts.push({ name: `${name}.${part}`, reason: reasonOf(error), error });
  try {
    const value = await collectOne(trait, host, {
      previous: last?.value ?? undefined,
      failed,
      once,
    });
    const section = sectionOf(name, value, host.now().getTime(), bootId);
    return outcome(parts.length === 0 ? section : { ...section, stale: true }, parts);
  } catch (error) {
    return outcome(staleOf(last), [{ name, reason: reasonOf(error), error }]);
  }
}

const staleOf = (last: Section | undefined) =>
  last && { ...last, stale: true, cycles: last.cycles + 1 };

/** Until then its last value stands, and is said to be stale. */
async function soon(
  name: string,
  last: Section | undefined,
  collected: Promise<Collected>,
  { ms, late }: Patience,
): Promise<Collected> {
  try {
    return await within(ms, collected);
  } catch (error) {
    late(name, collected);
    return outcome(staleOf(last), [{ name, reason: `${reasonOf(error)}; it goes on`, error }]);
  }
}

/** What conditions and templates see: values by section, without the things this machine does not have. */
export const traitValues = (sections: readonly Section[]): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    sections.filter(({ value }) => value !== null).map(({ name, value }) => [name, value]),
  );

/** A clock that was set back makes everything due: better once too often than never again. */
function isDue(trait: AnyTraitType, last: Section, now: number, bootId: string): boolean {
  if (last.stale || trait.keep === "run" || now < last.collectedAt) return true;
  if (trait.keep === "hour") return now - last.collectedAt >= hourMs;
  return last.bootId !== bootId || last.cycles + 1 >= mostCycles;
}

async function collectOne(
  trait: AnyTraitType,
  host: ReadHost,
  { previous, failed, once }: Collecting<Json>,
): Promise<Json> {
  const last = previous === undefined ? undefined : trait.value.safeParse(previous);
  const { platform } = host.os;
  const collecting = collectorFor(trait, platform)?.(host, {
    ...(last?.success === true && { previous: last.data as unknown }),
    failed,
    once,
  });
  const value: unknown = await within(limitOn(trait, platform), Promise.resolve(collecting));
  if (value === undefined) return null;
  const checked = trait.value.safeParse(value);
  if (checked.success) return checked.data as Json;
  const { path = [], message = "" } = checked.error.issues[0] ?? {};
  throw new VigoError("failed", `not of its shape: ${path.join(".")}: ${message}`);
}

/** An answer that several traits share is waited for by all of them alike. */
const limitOn = ({ platforms, timeoutMs = defaultTimeoutMs }: AnyTraitType, platform: Platform) =>
  platforms.includes(platform) ? timeoutMs : Math.max(timeoutMs, askingTimeoutMs);

/** A collector cannot be stopped, only left behind: what it gives later is not looked at. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new VigoError("unavailable", `took longer than ${limitMs} ms`)),
    limitMs,
  );
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function sectionOf(name: string, value: Json, collectedAt: number, bootId: string): Section {
  const json = canonicalJson(value);
  if (Buffer.byteLength(json) > mostBytes)
    throw new VigoError("limited", `larger than ${mostBytes / 1024} KiB`);
  const hash = sectionHash(json);
  return { name, value, hash, collectedAt, stale: false, bootId, cycles: 0 };
}

async function readBootId(host: ReadHost): Promise<string> {
  if (host.os.platform !== "linux") return "";
  const bytes = await host.read("/proc/sys/kernel/random/boot_id");
  return bytes === undefined ? "" : new TextDecoder().decode(bytes).trim();
}

const reasonOf = (error: unknown): string =>
  error instanceof VigoError ? error.message : "internal error";
