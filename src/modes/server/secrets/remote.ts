/**
 * Secrets that another program keeps. Names and versions are read at the start and again at every refresh, and kept in memory, so
 * that a check-in asks nobody; a value is fetched when an envoy asks for it, and never kept. When the backend fails later, what
 * was known stays known, and the fleet enforces on. Must not know how a backend talks.
 */
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { SecretNames } from "../../../core/policy/model.ts";
import type { Secret, SecretKeeper } from "./keeper.ts";
import type { About } from "./sealed-file.ts";

export interface RemoteSource {
  /** `vault`, for messages. */
  readonly name: string;
  /** Paths in the index that a reference may mean, the likelier first. */
  places(ref: string): readonly string[];
  /** Every secret with its version. `used` are those that some bundle names now. Rejects with `unavailable` or `denied`. */
  index(used: ReadonlySet<string>): Promise<ReadonlyMap<string, About>>;
  /** Undefined where there is none. */
  read(path: string): Promise<Secret | undefined>;
}

export interface RemoteOptions {
  readonly refreshMs: number;
  /** Secrets that the bundles of the fleet name. */
  used(): ReadonlySet<string>;
  readonly log: Log;
  /** What was noticed of the backend, for the audit log. */
  readonly noticed: (action: Noticed, detail: JsonObject) => void;
}

/** As actions of the audit log. */
export type Noticed = "secret.changed" | "secret.backend_failed" | "secret.backend_back";

/** Of one refresh, by name; the others are counted. */
const mostNamed = 100;

export class RemoteSecrets implements SecretKeeper {
  readonly #source: RemoteSource;
  readonly #options: RemoteOptions;
  readonly #listeners: ((path: string) => void)[] = [];
  #known: ReadonlyMap<string, About> = new Map();
  #generation = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #trouble: string | undefined;
  #isClosed = false;
  /** Everything is new at first. */
  #isOpen = false;

  private constructor(source: RemoteSource, options: RemoteOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Rejects when the backend does not answer: a server that cannot reach its secrets does not start. */
  static async open(source: RemoteSource, options: RemoteOptions): Promise<RemoteSecrets> {
    const made = new RemoteSecrets(source, options);
    await made.refresh();
    made.#later();
    return made;
  }

  get generation(): number {
    return this.#generation;
  }

  list() {
    return [...this.#known].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  about(ref: string): About | undefined {
    const path = this.#source.places(ref).find((one) => this.#known.has(one));
    return path === undefined ? undefined : this.#known.get(path);
  }

  get names(): SecretNames {
    const known = this.#known;
    return { has: (ref) => this.about(ref) !== undefined, [Symbol.iterator]: () => known.keys() };
  }

  onChange(listener: (path: string) => void): void {
    this.#listeners.push(listener);
  }

  async get(path: string): Promise<Secret> {
    const found = await this.#source.read(path);
    if (found !== undefined) return found;
    throw new VigoError("missing", `no secret ${path} in ${this.#source.name}`, {
      hint: "vigo cli secrets list",
    });
  }

  /** Reads names and versions anew, and tells of each that is another one. */
  async refresh(): Promise<void> {
    const before = this.#known;
    const now = await this.#source.index(this.#options.used());
    this.#known = now;
    const moved = [...new Set([...before.keys(), ...now.keys()])].filter(
      (path) => before.get(path)?.edition !== now.get(path)?.edition,
    );
    for (const path of moved) this.#moved(path);
    if (this.#isOpen && moved.length > 0)
      this.#notice("secret.changed", {
        count: moved.length,
        paths: moved.slice(0, mostNamed),
      });
    this.#isOpen = true;
  }

  async examine(): Promise<number> {
    await this.refresh();
    return this.#known.size;
  }

  init = () => this.#elsewhere();
  set = () => this.#elsewhere();
  mustTake = () => this.#elsewhere();
  delete = () => this.#elsewhere();
  rotate = () => this.#elsewhere();

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #elsewhere(): Promise<never> {
    const { name } = this.#source;
    throw new VigoError("invalid", `secrets are kept in ${name}, and changed there`, {
      hint: `what is changed in ${name} is noticed here at the next refresh`,
    });
  }

  #moved(path: string): void {
    this.#generation++;
    const refs = [...this.#options.used()].filter((ref) => this.#source.places(ref).includes(path));
    for (const ref of new Set([path, ...refs]))
      for (const listener of this.#listeners) listener(ref);
  }

  #later(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#again(), this.#options.refreshMs);
  }

  #notice(...said: Parameters<RemoteOptions["noticed"]>): void {
    if (!this.#isClosed) this.#options.noticed(...said);
  }

  /** An outage is said once, and its end too. */
  async #again(): Promise<void> {
    const { log } = this.#options;
    const backend = this.#source.name;
    try {
      await this.refresh();
      if (this.#trouble !== undefined) {
        log.info("secrets backend answers again", { backend });
        this.#notice("secret.backend_back", {});
      }
      this.#trouble = undefined;
    } catch (error) {
      if (!(error instanceof VigoError)) throw error;
      if (this.#trouble !== error.message) {
        log.error("secrets backend fails", { backend, reason: error.message, hint: error.hint });
        this.#notice("secret.backend_failed", { reason: error.message });
      }
      this.#trouble = error.message;
    } finally {
      this.#later();
    }
  }
}
