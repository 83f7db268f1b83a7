/**
 * Spares a run the checks whose answer is known: a resource that was found as it should be, by entries that have not been
 * touched since, is so still. As `make` and `git status` do it, but by the change time, which no program can set back.
 * Once an hour every resource is checked in full all the same: what changes a file without its file system knowing
 * (a block device written to, a mapped page) is found then. Must not know types, nor what an entry says.
 */
import { VigoError } from "../errors.ts";
import type { Host, Stamp } from "../host.ts";
import type { AnyResourceType, Standing } from "../resource.ts";

/** What is kept between runs. */
export interface Looks {
  /** Program, protected paths: another one checks everything anew. */
  readonly by: string;
  /** Digest of the body whose parameters these are. */
  readonly body?: string;
  /** Milliseconds since 1970: since when resources have been passed over. */
  readonly since: number;
  /** What resources were judged by: a path, or `type:word` for what its type asks for all at once. */
  readonly places: readonly string[];
  /** What told the state of each place. */
  readonly marks: readonly string[];
  /** By resource: the digest of its parameters, and by which places it was judged. */
  readonly found: Readonly<Record<string, Look>>;
}

type Look = readonly [intent: string, ...places: number[]];

const longestMs = 3_600_000;
/** A file system's clock is coarse: what changed so shortly before it was looked at may change again with the same time. */
const settledMs = 2000;

export interface Judges {
  /** What else an answer depends on: program, protected paths. */
  readonly by: string;
  /** Digest of the body, where somebody vouches for it: parameters of the same body need not be compared. */
  readonly body?: string | undefined;
  /** May be of another program, or of a clock that was wrong. */
  readonly before: Looks | undefined;
}

export class QuickChecks {
  readonly #host: Host;
  readonly #by: string;
  readonly #body: string | undefined;
  readonly #since: number;
  readonly #before: Looks | undefined;
  readonly #isSameBody: boolean;
  readonly #now = new Map<string, Look>();
  /** All places that there are, with one number for the same mark of each. */
  readonly #places: string[];
  readonly #marks: string[];
  readonly #numbers: Map<string, number>;
  /** By number: is it as it was? Forgotten when something was done. */
  #same: (boolean | undefined)[] = [];
  readonly #stamps = new Map<string, Stamp>();
  readonly #standing = new Map<string, Standing>();
  #isNew: boolean;

  constructor(host: Host, { by, body, before }: Judges) {
    const now = host.now().getTime();
    const isGood = before?.by === by && before.since <= now && now - before.since < longestMs;
    this.#host = host;
    this.#by = by;
    this.#body = body;
    this.#before = isGood ? before : undefined;
    this.#since = this.#before?.since ?? now;
    this.#isSameBody = body !== undefined && body === this.#before?.body;
    this.#isNew = !isGood || body !== before.body;
    this.#places = [...(this.#before?.places ?? [])];
    this.#marks = [...(this.#before?.marks ?? [])];
    this.#numbers = new Map();
  }

  /** Once, before the first resource: what types tell of all their resources at once. */
  async ask(typeOf: (name: string) => AnyResourceType | undefined): Promise<void> {
    const names = new Set(this.#places.flatMap((place) => typeIn(place) ?? []));
    for (const name of names) {
      const standing = await orUnknown(typeOf(name)?.standing?.(this.#host));
      if (standing !== undefined) this.#standing.set(name, standing);
    }
  }

  /** The digest of the parameters it was right with, if these are they, and everything is untouched since. */
  stillRight(key: string, intent: () => string): string | undefined {
    const found = this.#before?.found;
    if (found === undefined || !Object.hasOwn(found, key)) return undefined;
    const look = found[key];
    if (look === undefined) return undefined;
    for (let at = 1; at < look.length; at++) if (!this.#isSame(Number(look[at]))) return undefined;
    if (!this.#isSameBody && look[0] !== intent()) return undefined;
    this.#now.set(key, look);
    return look[0];
  }

  #isSame(number: number): boolean {
    const known = this.#same[number];
    if (known !== undefined) return known;
    const mark = this.#markOf(this.#places[number] ?? "");
    const isSame = mark !== undefined && mark === this.#marks[number];
    this.#same[number] = isSame;
    return isSame;
  }

  #markOf(place: string): string | undefined {
    const type = typeIn(place);
    if (type === undefined) return this.#stampOf(place)?.mark;
    return this.#standing.get(type)?.(place.slice(type.length + 1));
  }

  /** It was checked in full from `startedAt` on, and nothing differed. */
  async right(key: string, intent: string, { type, params, startedAt }: Found): Promise<void> {
    const judges = (await type.judgedBy?.(params, this.#host)) ?? [];
    const look: [string, ...number[]] = [intent];
    for (const judge of judges) {
      if (typeof judge === "string") {
        const stamp = this.#stampOf(judge);
        if (stamp === undefined || stamp.changedAt > startedAt - settledMs) return;
        look.push(this.#numberOf(judge, stamp.mark));
      } else look.push(this.#numberOf(`${type.name}:${judge.word}`, judge.is));
    }
    if (look.length === 1) return;
    this.#now.set(key, look);
    this.#isNew = true;
  }

  #numberOf(place: string, mark: string): number {
    const name = `${place}\0${mark}`;
    if (this.#numbers.size === 0)
      for (const [at, known] of this.#places.entries())
        this.#numbers.set(`${known}\0${this.#marks[at]}`, at);
    const number = this.#numbers.get(name) ?? this.#places.length;
    if (number === this.#places.length) {
      this.#places.push(place);
      this.#marks.push(mark);
      this.#numbers.set(name, number);
    }
    return number;
  }

  /** Something was done to the machine: entries are looked at anew. */
  acted(): void {
    this.#same = [];
    this.#stamps.clear();
    this.#standing.clear();
  }

  /** Undefined when it is what was known before. */
  looks(): Looks | undefined {
    const before = Object.keys(this.#before?.found ?? {}).length;
    if (!this.#isNew && this.#now.size === before) return undefined;
    return {
      by: this.#by,
      ...(this.#body !== undefined && { body: this.#body }),
      since: this.#since,
      ...this.#kept(),
    };
  }

  /** Places that nothing is judged by any more are left out. */
  #kept(): Pick<Looks, "places" | "marks" | "found"> {
    const used = [...new Set([...this.#now.values()].flatMap(([, ...places]) => places))];
    const numbers = new Map(used.map((old, number) => [old, number]));
    const found = [...this.#now].map(([key, [intent, ...places]]): [string, Look] => [
      key,
      [intent, ...places.map((old) => numbers.get(old) ?? 0)],
    ]);
    return {
      places: used.map((old) => this.#places[old] ?? ""),
      marks: used.map((old) => this.#marks[old] ?? ""),
      found: Object.fromEntries(found),
    };
  }

  #stampOf(path: string): Stamp | undefined {
    const known = this.#stamps.get(path) ?? this.#host.stamp?.(path);
    if (known !== undefined) this.#stamps.set(path, known);
    return known;
  }
}

export interface Found {
  readonly type: AnyResourceType;
  readonly params: object;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** Paths have none. */
const typeIn = (place: string): string | undefined =>
  place.startsWith("/") || /^[A-Za-z]:[\\/]/.test(place)
    ? undefined
    : place.slice(0, place.indexOf(":"));

/** What cannot be asked for all is asked for each, and said there. */
async function orUnknown<T>(asked: Promise<T | undefined> | undefined): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof VigoError) return undefined;
    throw error;
  }
}
