/**
 * The bundle this agent enforces: verified when it comes and again at every start, never older than the newest it ever accepted
 * (docs/design/semantics.md §5). Must not know resources, nor the wire.
 */
import {
  type Floor,
  openBundle,
  type SealedTicket,
  type Trust,
  type VerifiedBundle,
} from "../../core/bundle/open.ts";
import { VigoError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { followed, type Succession } from "../../core/bundle/succession.ts";
import { keyId, sha256 } from "../../core/pki/keys.ts";
import { readTicket } from "../../core/wire/ticket.ts";
import type { Cache } from "./cache.ts";
import { type Identity, readFloor, trustedKeys, writeFloor, writeTrust } from "./identity.ts";
import type { BundleKey } from "./identity-shape.ts";

export interface Offered {
  readonly ticket?: SealedTicket | undefined;
  /** Empty when only the ticket moved. */
  readonly body: Uint8Array;
}

/** kept: nothing was offered, or nothing new · body wanted: a ticket for a body that is not here. */
export type Accepted = "kept" | "ticket" | "bundle" | "body wanted";

export class BundleKeeper {
  readonly #cache: Cache;
  readonly #home: string;
  readonly #log: Log;
  readonly #now: () => Date;
  readonly #envoyId: string;
  readonly #serverId: string;
  /** The last one is the newest. */
  #known: readonly BundleKey[];
  #keys: Trust["keys"];
  #floor: Floor;
  #bundle: VerifiedBundle | undefined;
  #digest: Uint8Array | undefined;
  /** Why the cached bundle is not used. */
  #refused: VigoError | undefined;

  private constructor(given: {
    readonly cache: Cache;
    readonly home: string;
    readonly identity: Identity;
    readonly floor: Floor;
    readonly log: Log;
    readonly now: () => Date;
  }) {
    this.#cache = given.cache;
    this.#home = given.home;
    this.#log = given.log;
    this.#now = given.now;
    this.#envoyId = given.identity.about.envoy_id;
    this.#serverId = given.identity.about.server_id;
    this.#known = given.identity.bundleKeys;
    this.#keys = trustedKeys(this.#known);
    this.#floor = given.floor;
  }

  static async open(
    context: { readonly home: string; readonly log: Log; now(): Date },
    identity: Identity,
    cache: Cache,
  ): Promise<BundleKeeper> {
    const { home, log } = context;
    const floor = await readFloor(home);
    const keeper = new BundleKeeper({
      cache,
      home,
      identity,
      floor,
      log,
      now: () => context.now(),
    });
    keeper.#readCached();
    return keeper;
  }

  #readCached(): void {
    const kept = this.#cache.bundle();
    if (kept === undefined) return;
    this.#digest = sha256(kept.body);
    try {
      this.#bundle = openBundle(kept, kept.body, this.#trust());
    } catch (error) {
      this.#refused = expected(error);
      this.#log.error("the kept bundle is not enforced", { reason: this.#refused.message });
    }
  }

  /** What is in force. Throws `failed` when there is nothing, and why. */
  usable(): VerifiedBundle {
    if (this.#bundle === undefined)
      throw (
        this.#refused ??
        new VigoError("failed", "there is no bundle to enforce yet", {
          hint: "the server gives one at the first check-in, when a hostcrate matches this machine",
        })
      );
    const { expiresAtMs } = this.#bundle.ticket;
    if (expiresAtMs === 0n || expiresAtMs > BigInt(this.#now().getTime())) return this.#bundle;
    throw new VigoError(
      "denied",
      `the bundle expired at ${new Date(Number(expiresAtMs)).toISOString()} and is no longer enforced`,
      { hint: "the server gives a fresh one at the next check-in that reaches it" },
    );
  }

  /** The bundle that is here, whether or not it may still be enforced. */
  get inForce(): VerifiedBundle | undefined {
    return this.#bundle;
  }

  /** Nothing was ever given: not a failure, only early. */
  get isEmpty(): boolean {
    return this.#bundle === undefined && this.#refused === undefined;
  }

  get policyVersion(): bigint {
    return this.#bundle?.ticket.policyVersion ?? 0n;
  }

  /** Of the body that is here, whether or not its ticket is still good; undefined makes the server send it. */
  get digest(): Uint8Array | undefined {
    return this.#digest;
  }

  get keys(): Trust["keys"] {
    return this.#keys;
  }

  /** Of the newest key that bundles are taken from. */
  get keyId(): string {
    return this.#known.at(-1)?.id ?? "";
  }

  /** From a key that is trusted to those that it vouches for. What it cannot vouch for is left alone. */
  async follow(chain: readonly Succession[]): Promise<void> {
    const raw = ({ public_key }: BundleKey) => new Uint8Array(Buffer.from(public_key, "base64"));
    const known = new Map(this.#known.map((one) => [one.id, raw(one)]));
    const added = followed(this.#serverId, known, chain).map((publicKey) => ({
      id: keyId(publicKey),
      public_key: Buffer.from(publicKey).toString("base64"),
    }));
    if (added.length === 0) return;
    await this.#trusts([...this.#known, ...added]);
    this.#log.info("another key signs bundles", { key_id: this.keyId });
  }

  async #trusts(keys: readonly BundleKey[]): Promise<void> {
    await writeTrust(this.#home, keys);
    this.#known = keys;
    this.#keys = trustedKeys(keys);
  }

  /** Rejects with `denied` for what must not be obeyed; what was in force stays. */
  async accept({ ticket, body }: Offered): Promise<Accepted> {
    if (ticket === undefined) return "kept";
    const wanted = readTicket(ticket.ticket).bodyDigest;
    const isNew = body.length > 0;
    const bytes = isNew ? body : this.#bodyOf(wanted);
    if (bytes === undefined) {
      this.#digest = undefined;
      return "body wanted";
    }
    const bundle = openBundle(ticket, bytes, this.#trust());
    this.#cache.keepBundle({ ticket: ticket.ticket, signature: ticket.signature, body: bytes });
    const { policyVersion, issuedAtMs } = bundle.ticket;
    // After the bundle: a floor above what is kept would leave nothing to enforce.
    await writeFloor(this.#home, { policyVersion, issuedAtMs });
    this.#floor = { policyVersion, issuedAtMs };
    const changed = !same(this.#digest, wanted) || this.#bundle === undefined;
    this.#bundle = bundle;
    this.#digest = wanted;
    this.#refused = undefined;
    // Nothing that is kept is signed by a former one any more.
    const newest = this.#known.at(-1);
    if (this.#known.length > 1 && newest?.id === bundle.ticket.keyId) await this.#trusts([newest]);
    return changed ? "bundle" : "ticket";
  }

  #bodyOf(digest: Uint8Array): Uint8Array | undefined {
    return same(this.#digest, digest) ? this.#cache.bundle()?.body : undefined;
  }

  #trust(): Trust {
    return {
      envoyId: this.#envoyId,
      keys: this.#keys,
      floor: this.#floor,
      now: this.#now(),
    };
  }
}

const same = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0;

/** A body that cannot be read is refused like one that must not be. */
function expected(error: unknown): VigoError {
  if (error instanceof VigoError) return error;
  return new VigoError("failed", "the kept bundle cannot be read", { cause: error });
}
