/**
 * Spares a run the checks whose answer is known: a resource that was found as it should be, by entries that have not been
 * touched since, is so still. As `make` and `git status` do it, but by the change time, which no program can set back.
 * Once an hour every resource is checked in full all the same: what changes a file without its file system knowing
 * (a block device written to, a mapped page) is found then. Must not know types, nor what an entry says.
 */
import type { Host, Stamp } from "../host.ts";
import type { AnyResourceType } from "../resource.ts";

/** What is kept between runs. */
export interface Looks {
  /** Program, protected paths: another one checks everything anew. */
  readonly by: string;
  /** Digest of the body whose parameters these are. */
  readonly body?: string;
  /** Milliseconds since 1970: since when resources have been passed over. */
  readonly since: number;
  /** By resource: the digest of its parameters, then path and mark of each entry it was judged by. */
  readonly found: Readonly<Record<string, readonly string[]>>;
}

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
  readonly #body: string | undefined;
  readonly #isSameBody: boolean;
  readonly #before: Looks;
  readonly #now = new Map<string, readonly string[]>();
  readonly #stamps = new Map<string, Stamp>();
  #isNew: boolean;

  constructor(host: Host, { by, body, before }: Judges) {
    const now = host.now().getTime();
    const isGood = before?.by === by && before.since <= now && now - before.since < longestMs;
    this.#host = host;
    this.#before = isGood ? before : { by, since: now, found: {} };
    this.#body = body;
    this.#isSameBody = body !== undefined && body === this.#before.body;
    this.#isNew = !isGood || body !== this.#before.body;
  }

  /** The digest of the parameters it was right with, if these are they, and everything is untouched since. */
  stillRight(key: string, intent: () => string): string | undefined {
    if (!Object.hasOwn(this.#before.found, key)) return undefined;
    const look = this.#before.found[key] ?? [];
    for (let at = 1; at < look.length; at += 2)
      if (this.#stampOf(look[at] ?? "")?.mark !== look[at + 1]) return undefined;
    if (!this.#isSameBody && look[0] !== intent()) return undefined;
    this.#now.set(key, look);
    return look[0];
  }

  /** It was checked in full from `startedAt` on, and nothing differed. */
  right(key: string, intent: string, found: Found): void {
    const look = [intent];
    for (const path of found.type.judgedBy?.(found.params) ?? []) {
      const stamp = this.#stampOf(path);
      if (stamp === undefined || stamp.changedAt > found.startedAt - settledMs) return;
      look.push(path, stamp.mark);
    }
    if (look.length === 1) return;
    this.#now.set(key, look);
    this.#isNew = true;
  }

  /** Something was done to the machine: entries are looked at anew. */
  acted(): void {
    this.#stamps.clear();
  }

  /** Undefined when it is what was known before. */
  looks(): Looks | undefined {
    const isSame = !this.#isNew && this.#now.size === Object.keys(this.#before.found).length;
    if (isSame) return undefined;
    const { by, since } = this.#before;
    const found = Object.fromEntries(this.#now);
    return { by, since, found, ...(this.#body !== undefined && { body: this.#body }) };
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
