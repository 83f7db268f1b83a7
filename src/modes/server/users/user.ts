/** A user as a row, and as others may see it. Must not know the database, nor HTTP. */
import type { User } from "../../../core/api/users.ts";
import type { Role } from "../../../core/api/roles.ts";
import type { UserRow } from "../store/identity.ts";

export const localUser = (
  name: string,
  role: Role,
  passwordHash: string,
  createdAt: number,
): UserRow => ({
  name,
  role,
  passwordHash,
  createdAt,
  disabledAt: undefined,
  origin: "local",
  totp: undefined,
});

/** Names that the audit log has for others. */
const reserved: ReadonlySet<string> = new Set(["anyone", "local", "oidc", "server", "token"]);

export const isReserved = (name: string): boolean => reserved.has(name);

/** Does logging in ask for a code? */
export const hasTotp = ({ totp }: UserRow): boolean => totp?.confirmedAt !== undefined;

const iso = (ms: number): string => new Date(ms).toISOString();

export const shownUser = (row: UserRow): User => ({
  name: row.name,
  role: row.role,
  origin: row.origin === "local" ? "local" : "oidc",
  created_at: iso(row.createdAt),
  totp: hasTotp(row),
  ...(row.disabledAt === undefined ? {} : { disabled_at: iso(row.disabledAt) }),
});
