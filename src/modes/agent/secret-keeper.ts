/**
 * The secrets that the bundle in force names: fetched from the server, in memory only, and again when the server says that one has
 * another value. Must not know what they are for.
 */
import type { VerifiedBundle } from "../../core/bundle/open.ts";
import type { SecretAccess, SecretProofs, SecretValue } from "../../core/converge/secrets.ts";
import { VigoError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { Redactor, redactedLog } from "../../core/redact.ts";
import type { Cache } from "./cache.ts";
import { HiddenTraits } from "./hidden-traits.ts";
import type { Link } from "./link.ts";
import { proofsIn } from "./secret-proofs.ts";

interface Held {
  readonly bodyDigest: Uint8Array;
  /** As the server told it with these values; undefined when they came with a former bundle. */
  readonly hash: Uint8Array | undefined;
  /** Those of the bundle, in its order. */
  readonly refs: readonly string[];
  /** By reference. */
  readonly values: ReadonlyMap<string, SecretValue>;
}

export class SecretKeeper {
  readonly #redactor = new Redactor();
  readonly #proofs: SecretProofs;
  readonly #cache: Cache;
  readonly #log: Log;
  #held: Held | undefined;
  #absence = unreachable;

  constructor(cache: Cache, key: Uint8Array, log: Log) {
    this.#cache = cache;
    this.#proofs = proofsIn(cache, key);
    this.#log = log;
  }

  /** After a check-in. True when there are values that a run has not seen. What fails is said, and tried with the next one. */
  async sync(
    link: Pick<Link, "resolveSecrets">,
    bundle: VerifiedBundle | undefined,
    hash: Uint8Array,
  ): Promise<boolean> {
    if (bundle === undefined || bundle.body.secrets.length === 0) {
      this.#held = undefined;
      return false;
    }
    const { bodyDigest } = bundle.ticket;
    const held = this.#heldFor(bodyDigest);
    if (held?.hash !== undefined && same(held.hash, hash)) return false;
    try {
      const answer = await link.resolveSecrets({
        bodyDigest,
        refs: bundle.body.secrets.map((_, index) => index),
      });
      this.#hold(bundle, answer);
      return true;
    } catch (error) {
      if (!(error instanceof VigoError)) throw error;
      const { failure, message } = error;
      this.#absence = failure === "unavailable" ? unreachable : `and the server says: ${message}`;
      this.#log.warn("secrets not fetched", { reason: message });
      if (failure !== "denied") this.#carryOver(bundle);
      return false;
    }
  }

  /** Are there none for a bundle that names some? */
  lacks({ body, ticket }: VerifiedBundle): boolean {
    return body.secrets.length > 0 && this.#heldFor(ticket.bodyDigest) === undefined;
  }

  /** A log that shows none of the values that were fetched. */
  hiding(log: Log): Log {
    return redactedLog(log, this.#redactor);
  }

  /** Traits that show none of them, and only what was free to be told before as long as `lacksSecrets`. */
  hidingTraits(lacksSecrets: () => boolean): HiddenTraits {
    return new HiddenTraits(this.#redactor, lacksSecrets, () => this.#cache.get("traits") ?? []);
  }

  accessFor(bodyDigest: Uint8Array): SecretAccess {
    const held = this.#heldFor(bodyDigest);
    return {
      value: (ref) => held?.values.get(held.refs[ref] ?? ""),
      absence: held?.hash === undefined ? this.#absence : "which the server does not have",
      redactor: this.#redactor,
      proofs: this.#proofs,
    };
  }

  #heldFor(bodyDigest: Uint8Array): Held | undefined {
    const held = this.#held;
    return held !== undefined && same(held.bodyDigest, bodyDigest) ? held : undefined;
  }

  /** The server tells no values of a new bundle: what it shares with the former one goes on with those that are known. */
  #carryOver({ body, ticket: { bodyDigest } }: VerifiedBundle): void {
    if (this.#held === undefined || this.#heldFor(bodyDigest) !== undefined) return;
    this.#held = { ...this.#held, bodyDigest, hash: undefined, refs: body.secrets };
  }

  #hold(
    { body, ticket: { bodyDigest } }: VerifiedBundle,
    { values, secretsHash }: Awaited<ReturnType<Link["resolveSecrets"]>>,
  ): void {
    const known = new Map<string, SecretValue>();
    for (const { ref, value, version } of values) {
      const text = new TextDecoder().decode(value);
      this.#redactor.learn(text);
      const name = body.secrets[ref];
      if (name !== undefined) known.set(name, { value: text, version });
    }
    this.#held = { bodyDigest, hash: secretsHash, refs: body.secrets, values: known };
    this.#absence = unreachable;
  }
}

const unreachable = "server unreachable";

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
