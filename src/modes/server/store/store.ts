/**
 * What the server keeps, as interfaces: bun:sqlite is the first implementation, PostgreSQL the second, and one suite
 * (tests/integration/store) holds both to it. Times are milliseconds since 1970. Every promise that changes something is
 * kept only once it is on disk. A privileged act takes its audit entry along, so that neither is there without the other.
 * Rejects with `unavailable` when the database is full, locked or gone, and `failed` when it is damaged. Must not know SQL.
 */
import type { ApiTokenStore, SessionStore, UserStore } from "./identity.ts";
import type { Json } from "../../../core/json.ts";
import type { AlertStore } from "./alerts.ts";
import type { RequestStore, TokenStore } from "./newcomers.ts";
import type { RunStore } from "./run-history.ts";
import type { TaskStore } from "./tasks.ts";
import type { WorkflowStore } from "./workflows.ts";
import type { TrendStore } from "./trend.ts";

export type { AlertRow, AlertStore, DeliveryRow } from "./alerts.ts";
export type { RequestRow, RequestState, RequestStore, TokenRow, TokenStore } from "./newcomers.ts";
export type { RunRow, RunStore, SpanRow } from "./run-history.ts";
export type { TrendRow, TrendStore } from "./trend.ts";

export interface EnvoyRow {
  /** UUID. */
  readonly id: string;
  /** As enrolled. */
  readonly hostname: string;
  /** Raw Ed25519, 32 bytes; no two envoys have the same. */
  readonly publicKey: Uint8Array;
  /** sha256 of the client certificate's DER, hex. Only this certificate is this envoy's … */
  readonly certificate: string;
  /** … and the one before, until the new one has been seen. */
  readonly previousCertificate: string | undefined;
  readonly certificateExpiresAt: number;
  readonly enrolledAt: number;
  readonly tokenId: string | undefined;
  readonly revokedAt: number | undefined;
  readonly machineId: string;
  readonly platform: string;
  readonly arch: string;
  /** Until then it runs nothing and raises no alert. */
  readonly maintenanceUntil?: number | undefined;
  /** What people have written about it. */
  readonly note?: string | undefined;
  /** Words that people have given it, sorted; undefined: none. */
  readonly tags?: readonly string[] | undefined;
  /** Which CAs it was told to trust last (`Authority.trusts`); undefined: the first one this server ever had. */
  readonly trusts?: string | undefined;
}

/** What check-ins tell, flushed in batches. */
export interface EnvoySeen {
  readonly id: string;
  readonly lastSeenAt: number;
  readonly agentVersion: string;
  readonly bootId: string;
  readonly reportedHostname: string;
  /** The one that uses this identity now; at first the one that enrolled. */
  readonly machineId: string;
  readonly policyVersion: number;
  /** Hex; empty while it has none. */
  readonly bodyDigest: string;
  /** Of the kept trait sections, in a form of the fleet's own; empty while there is none. Sections that are put forget it. */
  readonly traitsRoot: string;
}

/** What an enrolment takes with it, all or nothing. */
export interface Enrolment {
  readonly envoy: EnvoyRow;
  /** The token to take one use of; undefined when the request that was approved has taken it already. */
  readonly use: { readonly tokenId: string; readonly now: number } | undefined;
  /** The approved request this fulfils. */
  readonly requestId: string | undefined;
  readonly audit: AuditEntry;
}

export interface RenewedCertificate {
  /** sha256 of its DER, hex. */
  readonly certificate: string;
  /** The newest that the envoy has shown: it goes on being taken, as the new one may never reach it. */
  readonly previous: string;
  readonly expiresAt: number;
  readonly trusts: string;
}

/** A certificate anew for an envoy that has shown another token than the one it enrolled with. */
export interface Reissue {
  readonly id: string;
  readonly renewed: RenewedCertificate;
  readonly use: { readonly tokenId: string; readonly now: number };
  readonly audit: AuditEntry;
}

export interface EnvoyStore {
  all(): Promise<readonly (EnvoyRow & Partial<EnvoySeen>)[]>;
  findByKey(publicKey: Uint8Array): Promise<EnvoyRow | undefined>;
  /** False, and nothing is changed: the token has no use left, is revoked or has expired. */
  enrol(enrolment: Enrolment): Promise<boolean>;
  /** Undefined: no such envoy. Revoking twice keeps the first time and says nothing more in the audit log. */
  revoke(id: string, at: number, audit: AuditEntry): Promise<EnvoyRow | undefined>;
  rename(id: string, hostname: string, audit: AuditEntry): Promise<EnvoyRow | undefined>;
  /** With its traits, runs and the request it came by. False, and nothing is done: there is no such envoy, or it is not revoked. */
  delete(id: string, audit: AuditEntry): Promise<boolean>;
  /** Undefined: no such envoy. */
  maintain(id: string, until: number | undefined, audit: AuditEntry): Promise<EnvoyRow | undefined>;
  /** Undefined: no such envoy. */
  note(id: string, note: string, audit: AuditEntry): Promise<EnvoyRow | undefined>;
  /** All of them and the entry, or nothing; envoys that are not there are passed over. */
  tag(
    changes: readonly { readonly id: string; readonly tags: readonly string[] }[],
    audit: AuditEntry,
  ): Promise<void>;
  renewCertificate(id: string, renewed: RenewedCertificate): Promise<void>;
  /** The same, for one use of a token; false, and nothing is changed: it has no use left, is revoked or has expired. */
  reissue(reissue: Reissue): Promise<boolean>;
  /** One transaction for the batch; envoys that are not there are passed over. */
  seen(batch: readonly EnvoySeen[]): Promise<void>;
}

export interface TraitRow {
  readonly envoyId: string;
  readonly section: string;
  readonly value: Json;
  /** sha256 of its canonical JSON, hex. */
  readonly hash: string;
  readonly collectedAt: number;
  readonly stale: boolean;
}

export interface TraitStore {
  /** Of every section of these envoys, without its value. */
  hashes(
    envoyIds: readonly string[],
  ): Promise<readonly Pick<TraitRow, "envoyId" | "section" | "hash">[]>;
  of(envoyId: string): Promise<readonly TraitRow[]>;
  /** Values of these sections; asked for every envoy after a publish. */
  some(
    envoyId: string,
    sections: readonly string[],
  ): Promise<readonly Pick<TraitRow, "section" | "value">[]>;
  /** Of one section of these envoys, at most 100 of them; those who have not told it, or have no such thing, are left out. */
  hashesOf(
    envoyIds: readonly string[],
    section: string,
  ): Promise<readonly Pick<TraitRow, "envoyId" | "hash">[]>;
  /** These sections of these envoys, at most 100 of each. */
  ofMany(
    envoyIds: readonly string[],
    sections: readonly string[],
  ): Promise<readonly Pick<TraitRow, "envoyId" | "section" | "value" | "collectedAt">[]>;
  /** One transaction; rows of envoys that are not there are passed over. */
  put(rows: readonly TraitRow[]): Promise<void>;
}

export interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Json;
}

export interface AuditRow extends AuditEntry {
  /** Of the request that it was done for; undefined: the server did it by itself. */
  readonly requestId: string | undefined;
  /** Counts up without a gap. */
  readonly id: number;
  /** sha256 over the hash before and the canonical JSON of this entry, hex (`chained` in core/audit/chain.ts). */
  readonly hash: string;
}

export interface AuditStore {
  append(entry: AuditEntry): Promise<void>;
  /** All entries and, in `meta`, the note that they were made: together or not at all. */
  tell(entries: readonly AuditEntry[], note: readonly [key: string, value: string]): Promise<void>;
  /** Newest first, those before an id. */
  page(limit: number, before?: number): Promise<readonly AuditRow[]>;
  /** Oldest first, those after an id. */
  after(id: number, limit: number): Promise<readonly AuditRow[]>;
}

/** How far a published version is (core/rollout). */
export interface RolloutRow {
  readonly version: number;
  readonly state: Json;
}

/** What is known of one envoy about it. */
export interface RolloutMemberRow {
  readonly envoyId: string;
  readonly state: Json;
}

export interface RolloutStore {
  find(version: number): Promise<RolloutRow | undefined>;
  /** Upserts, all or nothing; what is known of envoys about other versions is forgotten. */
  put(
    row: RolloutRow,
    members: readonly RolloutMemberRow[],
    audit: AuditEntry | undefined,
  ): Promise<void>;
  members(version: number): Promise<readonly RolloutMemberRow[]>;
}

/** Small facts of the server itself: `server_id`. */
export interface MetaStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
}

export interface Store {
  readonly envoys: EnvoyStore;
  readonly traits: TraitStore;
  readonly tokens: TokenStore;
  readonly requests: RequestStore;
  readonly runs: RunStore;
  readonly audit: AuditStore;
  readonly users: UserStore;
  readonly apiTokens: ApiTokenStore;
  readonly sessions: SessionStore;
  readonly meta: MetaStore;
  readonly rollouts: RolloutStore;
  readonly alerts: AlertStore;
  readonly tasks: TaskStore;
  readonly workflows: WorkflowStore;
  readonly trend: TrendStore;
  /** Bytes on disk. */
  size(): Promise<number>;
  /** What is in it; `freeBytes` are those that hold nothing any more. */
  measure(): Promise<{
    readonly freeBytes: number;
    readonly rows: Readonly<Record<string, number>>;
  }>;
  /** Gives such bytes back to the disk, while everybody is served. */
  vacuum(at?: (done: number, all: number) => void): Promise<void>;
  /** A sound copy as of one moment in a new file, while everybody is served; for a backup. */
  copyTo(file: string): Promise<void>;
  /** What is wrong with the database itself, one line each; nothing when it is sound. */
  examine(): Promise<readonly string[]>;
  close(): Promise<void>;
}
