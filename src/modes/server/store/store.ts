/**
 * What the server keeps, as interfaces: bun:sqlite is the first implementation, PostgreSQL the second, and one suite
 * (tests/integration/store) holds both to it. Times are milliseconds since 1970. Must not know SQL.
 */
import type { RunReport, ResourceReport } from "../../../core/converge/report.ts";
import type { Json } from "../../../core/json.ts";

export interface EnvoyRow {
  /** UUID. */
  readonly id: string;
  /** As enrolled. */
  readonly hostname: string;
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** sha256 of the client certificate's DER, hex. Only this certificate is this envoy's (and the one before, while renewing). */
  readonly certificate: string;
  readonly certificateExpiresAt: number;
  readonly enrolledAt: number;
  readonly tokenId: string | undefined;
  readonly revokedAt: number | undefined;
  readonly machineId: string;
  readonly platform: string;
  readonly arch: string;
}

/** What check-ins tell, flushed in batches. */
export interface EnvoySeen {
  readonly id: string;
  readonly lastSeenAt: number;
  readonly agentVersion: string;
  readonly bootId: string;
  readonly reportedHostname: string;
  readonly policyVersion: number;
  /** Hex; empty while it has none. */
  readonly bodyDigest: string;
}

export interface EnvoyStore {
  all(): Promise<readonly (EnvoyRow & Partial<EnvoySeen>)[]>;
  insert(row: EnvoyRow): Promise<void>;
  /** Undefined: no such envoy. Revoking twice keeps the first time. */
  revoke(id: string, at: number): Promise<EnvoyRow | undefined>;
  rename(id: string, hostname: string): Promise<EnvoyRow | undefined>;
  renewCertificate(id: string, certificate: string, expiresAt: number): Promise<void>;
  /** One transaction for the batch. */
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
  all(): Promise<readonly TraitRow[]>;
  of(envoyId: string): Promise<readonly TraitRow[]>;
  put(rows: readonly TraitRow[]): Promise<void>;
}

export interface TokenRow {
  readonly id: string;
  /** sha256 of the secret, hex. */
  readonly secretHash: string;
  readonly label: string;
  readonly match: string | undefined;
  /** Undefined: without end. */
  readonly usesLeft: number | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | undefined;
}

export interface TokenStore {
  all(): Promise<readonly TokenRow[]>;
  find(id: string): Promise<TokenRow | undefined>;
  insert(row: TokenRow): Promise<void>;
  /** Takes one use, atomically; false when none is left, it is revoked or has expired. */
  use(id: string, now: number): Promise<boolean>;
  revoke(id: string, at: number): Promise<TokenRow | undefined>;
}

/** A run that changed something or failed, whole; its key is (envoyId, number). */
export interface RunRow {
  readonly envoyId: string;
  readonly number: number;
  readonly policyVersion: number;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: RunReport["outcome"];
  readonly counts: RunReport["counts"];
  readonly resources: readonly ResourceReport[];
}

/** A stretch of runs in which nothing changed; its key is (envoyId, first). */
export interface SpanRow {
  readonly envoyId: string;
  readonly first: number;
  readonly last: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface RunStore {
  /** One transaction; a run that is there already is left as it is (idempotent by number). */
  record(envoyId: string, runs: readonly RunRow[], spans: readonly SpanRow[]): Promise<void>;
  /** Open spans of many envoys at once, upserted. */
  recordSpans(spans: readonly SpanRow[]): Promise<void>;
  /** Newest first, without resources. */
  page(query: {
    readonly envoyId?: string;
    readonly outcome?: RunReport["outcome"];
    readonly before?: { readonly startedAt: number; readonly envoyId: string };
    readonly limit: number;
  }): Promise<readonly Omit<RunRow, "resources">[]>;
  find(envoyId: string, number: number): Promise<RunRow | undefined>;
  spans(envoyId: string, limit: number): Promise<readonly SpanRow[]>;
  /** The newest changed or failed run of each envoy, for rehydration. */
  newest(): Promise<readonly RunRow[]>;
  prune(before: number): Promise<number>;
}

export interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Json;
}

export interface AuditStore {
  append(entry: AuditEntry): Promise<void>;
  page(limit: number, before?: number): Promise<readonly (AuditEntry & { readonly id: number })[]>;
}

export interface UserRow {
  readonly name: string;
  /** argon2id, PHC form. */
  readonly passwordHash: string;
  readonly role: string;
  readonly createdAt: number;
}

export interface UserStore {
  find(name: string): Promise<UserRow | undefined>;
  put(row: UserRow): Promise<void>;
}

/** Small facts of the server itself: `server_id`, schema marks. */
export interface MetaStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
}

export interface Store {
  readonly envoys: EnvoyStore;
  readonly traits: TraitStore;
  readonly tokens: TokenStore;
  readonly runs: RunStore;
  readonly audit: AuditStore;
  readonly users: UserStore;
  readonly meta: MetaStore;
  /** Bytes on disk. */
  size(): Promise<number>;
  close(): Promise<void>;
}
