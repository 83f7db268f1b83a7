/**
 * An enrolled agent with everything open: identity, state, bundle, traits, the way to the server. Made by `run` for one pass and
 * by the daemon for good. Must not know when anything is due.
 */
import type { VerifiedBundle } from "../../core/bundle/open.ts";
import type { Reversals } from "../../core/converge/reversals.ts";
import { brokenRun } from "../../core/converge/summary.ts";
import type { Filter } from "../../core/converge/filter.ts";
import type { ResourceReport, RunReport } from "../../core/converge/report.ts";
import type { Log } from "../../core/log.ts";
import { VigoError } from "../../core/errors.ts";
import { BundleKeeper } from "./bundle-keeper.ts";
import { openCarefully } from "./cache-open.ts";
import { type Cache, recordsIn } from "./cache.ts";
import type { AgentContext } from "./command.ts";
import { enforce, thisMachine } from "./enforcement.ts";
import type { HiddenTraits } from "./hidden-traits.ts";
import {
  finishRenewal,
  type Identity,
  linkIdentity,
  mustHaveIdentity,
  secretProofKey,
} from "./identity.ts";
import { Ledger } from "./ledger.ts";
import type { Link, LinkIdentity } from "./link.ts";
import { hasEnded, isRenewalDue, renew } from "./renewal.ts";
import { reversalsIn } from "./reversal-file.ts";
import { SecretKeeper } from "./secret-keeper.ts";
import { TraitKeeper } from "./trait-keeper.ts";

export interface RunWish {
  readonly dryRun?: boolean;
  readonly filter?: Filter;
  /** Once aborted, no further resource begins … */
  readonly signal?: AbortSignal;
  /** … and once this is, commands under way are stopped. */
  readonly kill?: AbortSignal;
  onResource?(report: ResourceReport): void;
}

export class Member {
  readonly context: AgentContext;
  readonly cache: Cache;
  readonly bundles: BundleKeeper;
  readonly traits: TraitKeeper;
  readonly hiddenTraits: HiddenTraits;
  readonly ledger: Ledger;
  readonly secrets: SecretKeeper;
  readonly #reversals: Reversals;
  #identity: Identity;
  #link: Link | undefined;
  readonly #log: Log;

  private constructor(
    context: AgentContext,
    identity: Identity,
    cache: Cache,
    keeper: BundleKeeper,
    secrets: SecretKeeper,
  ) {
    this.context = context;
    this.#identity = identity;
    this.cache = cache;
    this.bundles = keeper;
    this.secrets = secrets;
    this.#log = secrets.hiding(context.log);
    this.hiddenTraits = secrets.hidingTraits(() => this.lacksSecrets);
    this.traits = new TraitKeeper(cache, this.#log, this.hiddenTraits);
    this.ledger = new Ledger(cache);
    this.#reversals = reversalsIn(context.home);
  }

  /** The run lock is held. Rejects with `missing` when this machine is not enrolled. */
  static async open(context: AgentContext): Promise<Member> {
    await finishRenewal(context.home);
    const identity = await mustHaveIdentity(context.home);
    const cache = await openCarefully(context.home, context.log, context.now);
    const keeper = await BundleKeeper.open(context, identity, cache);
    const secrets = new SecretKeeper(cache, await secretProofKey(context.home), context.log);
    return new Member(context, identity, cache, keeper, secrets);
  }

  get identity(): Identity {
    return this.#identity;
  }

  get log() {
    return this.#log;
  }

  /** It has a bundle that names secrets, and none of their values. */
  get lacksSecrets(): boolean {
    const { inForce } = this.bundles;
    return inForce !== undefined && this.secrets.lacks(inForce);
  }

  /** The server wants nothing enforced until then. */
  get maintenanceUntil(): Date | undefined {
    const until = this.cache.get("maintenance") ?? 0;
    return until > this.now().getTime() ? new Date(until) : undefined;
  }

  now = (): Date => this.context.now();

  /** Connected when first asked for: an offline run loads none of it. */
  async link(): Promise<Link> {
    if (hasEnded(this.#identity, this.now())) await this.#renewByKey();
    const { connectLink } = await import("./link.ts");
    this.#link ??= connectLink(this.#linkIdentity(), { now: () => this.now().getTime() });
    return this.#link;
  }

  #linkIdentity(): LinkIdentity {
    const identity = linkIdentity(this.#identity);
    const { servers = identity.servers, proxy } = this.context.settings;
    return { ...identity, servers, ...(proxy !== undefined && { proxy }) };
  }

  /**
   * What the work over the link gives. Where the server refuses the certificate though it looks good from here, a new one is
   * had by the signing key, and the work is tried once more.
   */
  async reach<T>(work: (link: Link) => Promise<T>): Promise<T> {
    try {
      return await work(await this.link());
    } catch (error) {
      if (!(error instanceof VigoError) || error.failure !== "unavailable") throw error;
      const { isRefused } = await import("./renew-by-key.ts");
      if (!(await isRefused(this.#linkIdentity()))) throw error;
      await this.#renewByKey();
      return work(await this.link());
    }
  }

  /** When it is due, or the server wants it now. */
  async renewCertificate(now: boolean): Promise<void> {
    if (!now && !isRenewalDue(this.#identity, this.now())) return;
    this.renewed(await renew(this.context.home, this.#identity, await this.link()));
    this.#log.info("client certificate renewed");
  }

  async #renewByKey(): Promise<void> {
    const { renewByKey } = await import("./renew-by-key.ts");
    const { home, settings } = this.context;
    this.renewed(await renewByKey(home, this.#identity, this.now(), settings.proxy));
    this.#log.info("client certificate renewed", { by: "signing key" });
  }

  /** From the next call on. */
  renewed(identity: Identity): void {
    this.#link?.close();
    this.#link = undefined;
    this.#identity = identity;
  }

  machine(kill?: AbortSignal) {
    const { durationMs } = this.ledger;
    return thisMachine(
      this.context.home,
      durationMs === undefined ? {} : { runDurationMs: durationMs },
      kill,
    );
  }

  /**
   * One run over what is in force; recorded unless it is dry. A bundle that may not be enforced any more is a failed run. Rejects
   * with `failed` when there never was a bundle.
   */
  async run(wish: RunWish): Promise<RunReport> {
    const report = await this.#converge(this.#inForce(), wish);
    if (wish.dryRun !== true) this.ledger.record(report);
    return report;
  }

  #inForce(): VerifiedBundle | VigoError {
    try {
      return this.bundles.usable();
    } catch (error) {
      if (!(error instanceof VigoError) || this.bundles.isEmpty) throw error;
      return error;
    }
  }

  async #converge(bundle: VerifiedBundle | VigoError, wish: RunWish): Promise<RunReport> {
    if (bundle instanceof VigoError)
      return brokenRun(this.now(), Number(this.bundles.policyVersion), bundle.message);
    const { dryRun = false, filter, signal, onResource } = wish;
    const { envoy_id: id, hostname } = this.#identity.about;
    return enforce(bundle.body, {
      home: this.context.home,
      host: this.machine(wish.kill),
      envoy: { id, hostname },
      policyVersion: Number(bundle.ticket.policyVersion),
      bodyDigest: Buffer.from(bundle.ticket.bodyDigest).toString("base64url"),
      records: recordsIn(this.cache),
      reversals: this.#reversals,
      log: this.log,
      sections: this.traits.sections,
      secrets: this.secrets.accessFor(bundle.ticket.bodyDigest),
      dryRun,
      ...(filter && { filter }),
      ...(signal && { signal }),
      ...(onResource && { onResource }),
    });
  }

  async close(): Promise<void> {
    this.#link?.close();
    this.traits.close();
    await this.cache.close();
  }
}
