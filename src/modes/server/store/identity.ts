/**
 * The part of the store that knows people: users, their tokens and sessions. Must not know SQL, nor what a role may do.
 */
import type { AuditEntry } from "./store.ts";

/** What a user's second factor is made of. */
export interface TotpState {
  /** 20 bytes in base32. */
  readonly secret: string;
  /** When its first code was shown; undefined while that is awaited and it asks nobody for codes. */
  readonly confirmedAt?: number;
  /** The time step of the last code that was taken: none is taken twice. */
  readonly lastStep: number;
  /** sha256 of each recovery code that is left, hex. */
  readonly recovery: readonly string[];
}

export interface UserRow {
  readonly name: string;
  /** argon2id, PHC form; empty for one who has no password here. */
  readonly passwordHash: string;
  readonly role: string;
  readonly createdAt: number;
  readonly disabledAt: number | undefined;
  /** Who vouches for the user: `local`, or `oidc ISSUER SUBJECT`. */
  readonly origin: string;
  readonly totp: TotpState | undefined;
}

/** Whose logins end with a change of the user: sessions, and tokens that logging in gave. */
export interface EndedLogins {
  readonly at: number;
  /** Id of the session or token that stays, because it makes this very call. */
  readonly except?: string | undefined;
}

export interface UserStore {
  find(name: string): Promise<UserRow | undefined>;
  findByOrigin(origin: string): Promise<UserRow | undefined>;
  /** By name, those after one. */
  page(limit: number, after?: string): Promise<readonly UserRow[]>;
  /** False when the name is taken. */
  insert(row: UserRow, audit: AuditEntry): Promise<boolean>;
  /**
   * Reads, changes and writes one user as a single step; `to` may be called again and changes nothing when it gives
   * undefined. `others` gives those who are left beside it, in the same step: the enabled ones.
   * Resolves with the row as written, or undefined when there is no such user or nothing was changed.
   */
  change(
    name: string,
    to: (row: UserRow, others: () => readonly UserRow[]) => UserRow | undefined,
    audit: AuditEntry | undefined,
    ended?: EndedLogins,
  ): Promise<UserRow | undefined>;
}

/** A token that calls the API for a user, with that user's role. */
export interface ApiTokenRow {
  readonly id: string;
  /** sha256 of the secret, hex. */
  readonly secretHash: string;
  readonly userName: string;
  readonly label: string;
  /** `login`: ends with the password that it was given for. `made`: for a program, ends by itself or when revoked. */
  readonly kind: "login" | "made";
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt: number | undefined;
}

export interface ApiTokenStore {
  find(id: string): Promise<ApiTokenRow | undefined>;
  /** Newest first, of one user or of all, those before a place. */
  page(
    limit: number,
    of: string | undefined,
    before?: Pick<ApiTokenRow, "createdAt" | "id">,
  ): Promise<readonly ApiTokenRow[]>;
  insert(row: ApiTokenRow, audit: AuditEntry): Promise<void>;
  revoke(id: string, at: number, audit: AuditEntry): Promise<ApiTokenRow | undefined>;
}

/** A browser that somebody logged in with. */
export interface SessionRow {
  readonly id: string;
  /** sha256 of the secret, hex. */
  readonly secretHash: string;
  readonly userName: string;
  readonly createdAt: number;
  readonly seenAt: number;
}

export interface SessionStore {
  find(id: string): Promise<SessionRow | undefined>;
  insert(row: SessionRow, audit: AuditEntry): Promise<void>;
  seen(id: string, at: number): Promise<void>;
  end(id: string, audit: AuditEntry): Promise<void>;
  /** Forgets those that were last seen, or began, before a time; says how many. */
  prune(seenBefore: number, createdBefore: number): Promise<number>;
}
