/**
 * The published policy: read at start and at every publish, resolved for an envoy when that envoy next checks in. An envoy
 * for which it cannot be resolved keeps what it has. Must not know requests, nor how a tree gets published.
 */
import files from "node:fs/promises";
import { type Bundle, bundleFor } from "../../../core/bundle/compile.ts";
import { sealTicket } from "../../../core/bundle/seal.ts";
import { asVigoError } from "../../../core/errors.ts";
import type { SigningKey } from "../../../core/pki/keys.ts";
import type { Policy } from "../../../core/policy/policy.ts";
import { isSameFor } from "../../../core/policy/resolve.ts";
import type { Registries, Subject, Unresolved } from "../../../core/policy/model.ts";
import { liveVersion, type Manifest } from "../../../core/publish/live.ts";
import { isSpreading } from "../../../core/publish/spreading.ts";
import { Cohorts } from "../../../core/rollout/cohort.ts";
import type { SealedTicket } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { Histogram } from "../counters.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Log } from "../../../core/log.ts";
import type { TraitStore } from "../store/store.ts";
import { type Edition, readEdition, readFormer } from "./edition.ts";
import { type Intended, intendedBy } from "./intended.ts";
import { Reported } from "./reported.ts";
import { Shared } from "./shared.ts";
import { TicketTimes } from "./ticket-times.ts";
import { tooLarge } from "./too-large.ts";
import { watchLive } from "./watch.ts";
import { Workshop } from "./workshop.ts";

export interface LivePolicyOptions {
  /** The server's home, with `.live` in it. */
  readonly home: string;
  readonly registries: Registries;
  readonly traits: Pick<TraitStore, "of" | "some">;
  /** What tickets are signed with, and how agents name it. */
  readonly signing: { readonly id: string; readonly key: SigningKey };
  /** `checkin.bundle_max_age`; 0: bundles do not expire. */
  readonly bundleMaxAgeMs: number;
  readonly log: Log;
  readonly now?: () => number;
  /** How far a version is that is published in stages (d: not further than the first). */
  readonly progress?: (version: number) => Promise<Progress>;
  readonly ticketTimes?: TicketTimes;
  /** How often `.live` is looked at beside the watch (d: 5 s). */
  readonly pollMs?: number;
}

export interface Progress {
  /** Counts from 0. */
  readonly stage: number;
  readonly ended: boolean;
}

/** A version that part of the fleet has yet to get. */
interface Staged {
  readonly cohorts: Cohorts;
  readonly stage: number;
  /** What the others have. */
  readonly former: Edition;
}

export class LivePolicy {
  /** vigo_config_reload_errors_total */
  reloadErrors = 0;
  /** vigo_bundle_build_seconds */
  readonly buildSeconds = new Histogram([0.001, 0.005, 0.02, 0.1, 0.5, 2]);
  /** Why the version that `.live` points to is not the one in force. */
  failure: string | undefined;

  /** Where trees are compiled, those too that are not published yet. */
  readonly workshop: Workshop;

  readonly #options: LivePolicyOptions;
  readonly #now: () => number;
  readonly #shared = new Shared();
  readonly #reported: Reported;
  readonly #sections: readonly string[];
  readonly #ticketTimes: TicketTimes;
  readonly #handed = new WeakMap<Envoy, { readonly version: number; readonly run: number }>();
  /** Of envoys that could be resolved: the very list of their resolution. What they intend may be another's of the same words. */
  readonly #crates = new WeakMap<Envoy, readonly string[]>();
  /** What was in force before the edition that is. */
  #former: Edition | undefined;
  #edition: Edition | undefined;
  #staged: Staged | undefined;
  #beforeTaking: ((manifest: Manifest) => Promise<void>) | undefined;
  #reloading: Promise<void> | undefined;
  #unwatch: (() => void) | undefined;

  private constructor(options: LivePolicyOptions) {
    this.#options = options;
    this.workshop = new Workshop(options.registries);
    this.#reported = new Reported(options.traits);
    this.#now = options.now ?? Date.now;
    this.#ticketTimes = options.ticketTimes ?? new TicketTimes();
    this.#sections = options.registries.traits.map((trait) => trait.name);
  }

  /** Rejects with `failed`, naming file and line, when what is live cannot be used: a server must not start on it. */
  static async open(options: LivePolicyOptions): Promise<LivePolicy> {
    const live = new LivePolicy(options);
    await live.#read();
    live.#sayProblems();
    live.#unwatch = watchLive(options.home, {
      pollMs: options.pollMs ?? 5_000,
      changed: () => void live.reload(),
      blind: ({ message }) => options.log.warn("a publish is noticed late", { error: message }),
    });
    return live;
  }

  /** What is in force; undefined before the first publish. */
  get edition(): Edition | undefined {
    return this.#edition;
  }

  /** Looks whether something else has been published. Never rejects: what is in force stays when it cannot be read. */
  async reload(): Promise<void> {
    this.#reloading ??= this.#readAgain().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  close(): void {
    this.#unwatch?.();
  }

  /** Has the policy in force been resolved for it, with the traits it has now? */
  isSettled(envoy: Envoy): boolean {
    return envoy.resolvedFrom === this.#editionFor(envoy);
  }

  /** Called with each version before any envoy gets it, so that what was before can be noted. */
  beforeTaking(note: (manifest: Manifest) => Promise<void>): void {
    this.#beforeTaking = note;
  }

  /** The version in force, published in stages, goes on to the next; undefined: to everyone. */
  widen(version: number, stage: number | undefined): void {
    if (this.#edition?.manifest.version !== version) return;
    this.#staged = stage === undefined ? undefined : this.#staged && { ...this.#staged, stage };
  }

  /** The newest run that was known when this envoy was given the version; undefined: not by this process. */
  runBefore(envoy: Envoy, version: number): number | undefined {
    const handed = this.#handed.get(envoy);
    return handed?.version === version ? handed.run : undefined;
  }

  /** Resolves the policy in force for an envoy, unless it is. */
  async settle(envoy: Envoy): Promise<void> {
    const edition = this.#editionFor(envoy);
    if (edition === undefined || this.isSettled(envoy) || this.#carriesOver(envoy, edition)) return;
    const { changes } = envoy;
    const { id, row } = envoy;
    const bundle = await this.#reported.ask(
      id,
      (traits) => this.#bundleFor(edition, { id, hostname: row.hostname, traits }),
      (made) => (made.kind === "unresolved" ? undefined : made.resolved.sectionsRead),
    );
    const problems = bundle.kind === "unresolved" ? bundle.problems : tooLarge(bundle, envoy);
    this.#crates.delete(envoy);
    if (bundle.kind === "unresolved" || problems.length > 0) this.#unresolved(envoy, problems);
    else {
      this.#crates.set(envoy, bundle.resolved.configcrates);
      envoy.problems = [];
      envoy.sectionsRead = bundle.resolved.sectionsRead;
      envoy.intended = this.#shared.hold(intendedBy(bundle));
      envoy.intendedVersion = edition.manifest.version;
    }
    if (envoy.changes === changes) envoy.resolvedFrom = edition;
  }

  #bundleFor({ policy }: Edition, subject: Subject): Bundle | Unresolved {
    const began = performance.now();
    const bundle = bundleFor(policy, subject, this.#options.registries);
    this.buildSeconds.observe((performance.now() - began) / 1000);
    return bundle;
  }

  /** Would it get of another policy what it has of the one in force? False also where that is not known. */
  keeps(envoy: Envoy, policy: Policy): boolean {
    return this.#isSameIn(envoy, this.#edition, policy);
  }

  /** Nothing that it was resolved from has changed since the version before: what it has is what it would get. */
  #carriesOver(envoy: Envoy, edition: Edition): boolean {
    const former = edition === this.#edition ? this.#former : undefined;
    if (!this.#isSameIn(envoy, former, edition.policy)) return false;
    envoy.intendedVersion = edition.manifest.version;
    envoy.resolvedFrom = edition;
    return true;
  }

  #isSameIn(envoy: Envoy, edition: Edition | undefined, policy: Policy): boolean {
    const configcrates = this.#crates.get(envoy);
    return (
      edition !== undefined &&
      envoy.resolvedFrom === edition &&
      configcrates !== undefined &&
      isSameFor({ configcrates }, edition.policy, policy)
    );
  }

  /** Should it get a new ticket although nothing moved, because the one it has expires? */
  isTicketDue(envoy: Envoy): boolean {
    if (this.#options.bundleMaxAgeMs === 0) return false;
    return envoy.ticketDueAt === undefined || this.#now() >= envoy.ticketDueAt;
  }

  /** A ticket for what the envoy should enforce, good from now. */
  seal(envoy: Envoy, { digest: bodyDigest }: Intended): SealedTicket {
    const { signing, bundleMaxAgeMs } = this.#options;
    const now = this.#now();
    envoy.ticketIssuedAt = this.#ticketTimes.next(now, envoy.ticketIssuedAt);
    envoy.ticketDueAt = now + bundleMaxAgeMs / 2;
    if (this.#handed.get(envoy)?.version !== envoy.intendedVersion)
      this.#handed.set(envoy, { version: envoy.intendedVersion, run: envoy.lastRun });
    return sealTicket(
      {
        keyId: signing.id,
        envoyId: envoy.id,
        policyVersion: BigInt(envoy.intendedVersion),
        issuedAtMs: BigInt(envoy.ticketIssuedAt),
        expiresAtMs: bundleMaxAgeMs === 0 ? 0n : BigInt(now + bundleMaxAgeMs),
        bodyDigest,
      },
      signing.key,
    );
  }

  #editionFor({ id }: Envoy): Edition | undefined {
    const staged = this.#staged;
    if (staged === undefined || staged.cohorts.holds(staged.stage, id)) return this.#edition;
    return staged.former;
  }

  async #read(): Promise<void> {
    const edition = await readEdition(this.#options.home, this.workshop);
    const staged = edition && (await this.#stagedOf(edition.manifest));
    if (edition !== undefined) await this.#beforeTaking?.(edition.manifest);
    this.#former = this.#edition;
    this.#edition = edition;
    this.#staged = staged;
  }

  async #stagedOf(manifest: Manifest): Promise<Staged | undefined> {
    const { home, progress } = this.#options;
    const { version, parent, rollout: plan } = manifest;
    if (plan === undefined || !(await isSpreading(files, home, manifest))) return undefined;
    const { stage, ended } = (await progress?.(version)) ?? { stage: 0, ended: false };
    if (ended) return undefined;
    const inForce = this.#edition?.manifest.digest === parent ? this.#edition : undefined;
    return {
      cohorts: new Cohorts(plan),
      stage,
      former: inForce ?? (await readFormer(home, manifest, this.workshop)),
    };
  }

  #unresolved(envoy: Envoy, problems: Envoy["problems"]): void {
    const [first] = problems;
    envoy.problems = problems;
    // What was read before it failed is not known: any section may mend it.
    envoy.sectionsRead = this.#sections;
    this.#options.log.warn("policy unresolved", {
      envoy_id: envoy.id,
      hostname: envoy.row.hostname,
      problem: first && `${first.file}:${first.line}:${first.column}: ${first.message}`,
    });
  }

  async #readAgain(): Promise<void> {
    const { home, log } = this.#options;
    try {
      const name = await liveVersion(files, home);
      if (name?.digest === this.#edition?.manifest.digest) {
        if (name?.version === this.#edition?.manifest.version) return;
      }
      await this.#read();
      this.failure = undefined;
      log.info("policy in force", { version: this.#edition?.manifest.version });
      this.#sayProblems();
    } catch (caught) {
      const { message } = asVigoError(caught);
      if (message === this.failure) return;
      this.failure = message;
      this.reloadErrors++;
      log.error("the published policy cannot be used", { error: message });
    }
  }

  #sayProblems(): void {
    for (const { file, line, column, message } of this.#edition?.problems ?? [])
      this.#options.log.warn("policy problem", { place: `${file}:${line}:${column}`, message });
  }
}
