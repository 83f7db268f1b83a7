/** What lets machines enrol, and who waits for a person, as the store keeps them. Must not know SQL. */
import type { AuditEntry } from "./store.ts";

/** What lets machines enrol. */
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
  /** Silence after which who enrolled with it is forgotten; undefined: never. */
  readonly ephemeralMs: number | undefined;
}

export interface TokenStore {
  all(): Promise<readonly TokenRow[]>;
  find(id: string): Promise<TokenRow | undefined>;
  insert(row: TokenRow, audit: AuditEntry): Promise<void>;
  /** Undefined: no such token. Revoking twice keeps the first time. */
  revoke(id: string, at: number, audit: AuditEntry): Promise<TokenRow | undefined>;
}

export type RequestState = "waiting" | "approved" | "rejected";

/** A newcomer that waits for a person. */
export interface RequestRow {
  readonly id: string;
  /** Raw Ed25519, 32 bytes; one request a key. */
  readonly publicKey: Uint8Array;
  readonly hostname: string;
  readonly reason: string;
  readonly machineId: string;
  readonly platform: string;
  readonly arch: string;
  readonly address: string;
  readonly tokenId: string;
  readonly requestedAt: number;
  readonly state: RequestState;
  readonly decidedAt: number | undefined;
  /** Set by the enrolment that fulfilled it. */
  readonly envoyId: string | undefined;
}

export interface RequestStore {
  find(id: string): Promise<RequestRow | undefined>;
  findByKey(publicKey: Uint8Array): Promise<RequestRow | undefined>;
  /** Newest first. */
  page(state: RequestState, limit: number): Promise<readonly RequestRow[]>;
  count(state: RequestState): Promise<number>;
  /** Takes one use of the token with it; false, and nothing is kept, when it has none left at `requestedAt`. */
  insert(row: RequestRow, audit: AuditEntry): Promise<boolean>;
  /** Undefined: no such request, or one that was decided already. */
  decide(
    id: string,
    state: "approved" | "rejected",
    at: number,
    audit: AuditEntry,
  ): Promise<RequestRow | undefined>;
}
