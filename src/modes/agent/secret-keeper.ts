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
import type { Link } from "./link.ts";
import { proofsIn } from "./secret-proofs.ts";

interface Held {
  readonly bodyDigest: Uint8Array;
  /** As the server told it with these values. */
  readonly hash: Uint8Array;
  readonly values: ReadonlyMap<number, SecretValue>;
}

export class SecretKeeper {
  readonly #redactor = new Redactor();
  readonly #proofs: SecretProofs;
  readonly #log: Log;
  #held: Held | undefined;
  #absence = unreachable;

  constructor(cache: Cache, key: Uint8Array, log: Log) {
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
    const held = this.#held;
    if (held !== undefined && same(held.bodyDigest, bodyDigest) && same(held.hash, hash))
      return false;
    try {
      const answer = await link.resolveSecrets({
        bodyDigest,
        refs: bundle.body.secrets.map((_, index) => index),
      });
      this.#hold(bodyDigest, answer);
      return true;
    } catch (error) {
      if (!(error instanceof VigoError)) throw error;
      const { failure, message } = error;
      this.#absence = failure === "unavailable" ? unreachable : `and the server says: ${message}`;
      this.#log.warn("secrets not fetched", { reason: message });
      return false;
    }
  }

  /** Are there none for a bundle that names some? */
  lacks({ body, ticket }: VerifiedBundle): boolean {
    const held = this.#held;
    return (
      body.secrets.length > 0 && (held === undefined || !same(held.bodyDigest, ticket.bodyDigest))
    );
  }

  /** A log that shows none of the values that were fetched. */
  hiding(log: Log): Log {
    return redactedLog(log, this.#redactor);
  }

  accessFor(bodyDigest: Uint8Array): SecretAccess {
    const held = this.#held;
    const values = held !== undefined && same(held.bodyDigest, bodyDigest) ? held.values : none;
    return {
      value: (ref) => values.get(ref),
      absence: values === none ? this.#absence : "which the server does not have",
      redactor: this.#redactor,
      proofs: this.#proofs,
    };
  }

  #hold(
    bodyDigest: Uint8Array,
    { values, secretsHash }: Awaited<ReturnType<Link["resolveSecrets"]>>,
  ): void {
    const known = new Map<number, SecretValue>();
    for (const { ref, value, version } of values) {
      const text = new TextDecoder().decode(value);
      this.#redactor.learn(text);
      known.set(ref, { value: text, version });
    }
    this.#held = { bodyDigest, hash: secretsHash, values: known };
    this.#absence = unreachable;
  }
}

const none: ReadonlyMap<number, SecretValue> = new Map();
const unreachable = "server unreachable";

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
