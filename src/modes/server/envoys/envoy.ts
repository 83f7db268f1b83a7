/**
 * What the server keeps in memory of one envoy: as little as the check-in needs. Must not know policy, requests, nor the
 * database.
 */
import { type VerifyKey, verifyKey } from "../../../core/pki/keys.ts";
import type { Problem } from "../../../core/problem.ts";
import type { RunHead } from "../../../core/status.ts";
import type { Span } from "../../../core/wire/convert.ts";
import type { Intended } from "../policy/intended.ts";
import type { EnvoyRow, EnvoySeen } from "../store/store.ts";
import { ReplayWindow } from "./replay.ts";

/** One that was killed before it wrote a bundle down takes the next. */
const manyOffers = 3;

export class Envoy {
  row: EnvoyRow;
  readonly sequences = new ReplayWindow();

  /** Milliseconds since 1970; undefined before the first contact. */
  lastSeenAt: number | undefined;
  /** Of this process; reports count for `lastSeenAt` too. */
  checkedInAt: number | undefined = undefined;
  /** The highest run that was known by then … */
  checkInRun = 0;
  /** … and both of the check-in before. */
  formerCheckInAt: number | undefined = undefined;
  formerCheckInRun = 0;
  /** Mean gap between contacts, as observed; 0 before there were two. */
  cadenceMs = 0;
  agentVersion = "";
  /** Digest of what its agent knows; empty where that is what this server knows, undefined before it has told. */
  program: string | undefined = undefined;
  reportedHostname = "";
  bootId = "";
  /** The boot before this one: one that comes back is a second machine. */
  formerBootId = "";
  /** The boot of a second machine, which has to wait. */
  strangeBootId = "";
  /** The newcomer that was last told of. */
  told = "";

  /** What it says that it enforces; 0 and empty while it has nothing. */
  policyVersion = 0;
  /** The same as of its last check-in, before what it has run since; 0: there was none of this process. */
  checkInVersion = 0;
  bodyDigest: Uint8Array = nothing;
  /** What it should enforce; undefined while nothing could be resolved for it. */
  intended: Intended | undefined;
  /** Of the policy that `intended` was made of last. */
  intendedVersion = 0;
  /** The edition of the policy that was resolved for it last, with or without success; undefined: has to be resolved anew. */
  resolvedFrom: object | undefined;
  /** Counts what made it dirty, so that a change during a resolve is not lost. */
  changes = 0;
  /** Sections a change of which makes it dirty. */
  sectionsRead: readonly string[] = [];
  /** Why the live policy could not be resolved for it. */
  problems: readonly Problem[] = [];
  /** The version that it was offered last … */
  offeredVersion = 0;
  /** … and how many times in a row, without ever saying that it took it. */
  offers = 0;
  /** When half the life of its last ticket is over; undefined: it has had none of this process. */
  ticketDueAt: number | undefined;
  /** Of the newest ticket; 0: none since the start. */
  ticketIssuedAt = 0;

  /** When its certificate was renewed last, by this process. */
  renewedAt = 0;

  /** When it last asked for secrets that are not its own, and that was written down. */
  secretsRefusedAt = Number.NEGATIVE_INFINITY;

  /** Of the kept sections that the server holds; undefined: it holds none. */
  traitsRoot: Uint8Array | undefined;
  /** It has been asked for sections. */
  asked = false;

  /** Runs that changed something or failed, the newest first, no more than a status needs. */
  newest: readonly RunHead[] = [];
  /** The newest run known to have changed nothing. */
  steadyTo: number | undefined;
  /** The stretch that is still going on; kept until it has been flushed. */
  span: Span | undefined;

  #key: VerifyKey | undefined;

  constructor(row: EnvoyRow, seen: Partial<EnvoySeen> = {}) {
    this.row = row;
    this.lastSeenAt = seen.lastSeenAt;
    this.agentVersion = seen.agentVersion ?? "";
    this.reportedHostname = seen.reportedHostname ?? "";
    this.bootId = seen.bootId ?? "";
    this.policyVersion = seen.policyVersion ?? 0;
    this.bodyDigest = seen.bodyDigest ? Buffer.from(seen.bodyDigest, "hex") : nothing;
  }

  get id(): string {
    return this.row.id;
  }

  /** It says that it enforces what it should. */
  get isUpToDate(): boolean {
    const { intended } = this;
    return intended !== undefined && Buffer.compare(intended.digest, this.bodyDigest) === 0;
  }

  /** It is offered a version again and again, and goes on with another. */
  get takesNothing(): boolean {
    return this.offers >= manyOffers && this.intended !== undefined && this.isBehind;
  }

  /** It says another version or another body than what it should have. */
  get isBehind(): boolean {
    return this.policyVersion !== this.intendedVersion || !this.isUpToDate;
  }

  /** Imported at the first signature, because that costs as much as a signature, and once. */
  get key(): VerifyKey {
    this.#key ??= verifyKey(this.row.publicKey);
    return this.#key;
  }

  /** Has it shown this certificate's sha256 (hex), or the one before while renewing? */
  owns(certificate: string): boolean {
    return certificate === this.row.certificate || certificate === this.row.previousCertificate;
  }

  /** What it has for certain: a new certificate may have been lost on its way, even twice. */
  get shownCertificate(): string {
    return this.row.previousCertificate ?? this.row.certificate;
  }

  /** The highest number of a run that is known of it. */
  get lastRun(): number {
    return Math.max(0, this.newest[0]?.number ?? 0, this.steadyTo ?? 0);
  }

  /** It has shown its newest certificate, so the one before is of no use any more. */
  showed(certificate: string): void {
    if (this.row.previousCertificate !== undefined && certificate === this.row.certificate)
      this.row = { ...this.row, previousCertificate: undefined };
  }

  /** Has to be resolved anew. */
  dirty(): void {
    this.resolvedFrom = undefined;
    this.changes++;
  }

  /** As the store keeps it. */
  seen(): Omit<EnvoySeen, "traitsRoot"> {
    return {
      id: this.id,
      lastSeenAt: this.lastSeenAt ?? this.row.enrolledAt,
      agentVersion: this.agentVersion,
      bootId: this.bootId,
      reportedHostname: this.reportedHostname,
      machineId: this.row.machineId,
      policyVersion: this.policyVersion,
      bodyDigest: Buffer.from(this.bodyDigest).toString("hex"),
    };
  }
}

const nothing = new Uint8Array(0);
