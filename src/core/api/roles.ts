/** What each role may do. Must not know who has it. */
import { type Permission, permissions } from "./endpoint.ts";

export const roles = ["admin", "operator", "viewer", "compliance"] as const;

export type Role = (typeof roles)[number];

const reading = ["fleet.read", "config.read"] as const;

const allowed: Readonly<Record<Role, readonly Permission[]>> = {
  admin: permissions,
  operator: permissions.filter((permission) => !["admin", "secrets.write"].includes(permission)),
  viewer: reading,
  compliance: [...reading, "audit.read", "compliance.read", "compliance.write"],
};

export const permissionsOf = (role: Role): readonly Permission[] => allowed[role];

/** Undefined for a word that is no role: whoever has it may do nothing. */
export const roleOf = (written: string): Role | undefined => roles.find((role) => role === written);
