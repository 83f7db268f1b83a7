/** From a provider's claims to a user with a role, or to nobody. Must not know HTTP, nor how claims were proven. */
import { permissionsOf, type Role } from "../../../../core/api/roles.ts";
import { VigoError } from "../../../../core/errors.ts";
import type { UserRow } from "../../store/identity.ts";
import type { Store } from "../../store/store.ts";
import { isReserved } from "../../users/user.ts";
import type { OidcSettings } from "../settings.ts";
import type { Claims } from "./id-token.ts";

interface Deps {
  readonly store: Pick<Store, "users">;
  readonly now: () => number;
}

/** A role that none of the known ones is: whoever has it may do nothing. */
const noRole = "none";

/**
 * The person is known by issuer and subject; the name is the one of the first login. Rejects with `denied` without a role,
 * and then ends what an earlier login gave.
 */
export async function admit(
  { store, now }: Deps,
  settings: OidcSettings,
  claims: Claims,
): Promise<UserRow> {
  const origin = `oidc ${claims.iss} ${claims.sub}`;
  const known = await store.users.findByOrigin(origin);
  const role = roleIn(settings, claims);
  const at = now();
  if (role === undefined) {
    if (known !== undefined) await shutOut(store, known, at);
    throw new VigoError("denied", "none of your groups has a role here", {
      hint: `ask an admin: auth.oidc.role_map, claim ${settings.role_claim}`,
    });
  }
  if (known === undefined) return newcomer(store, nameIn(settings, claims), role, origin, at);
  if (known.disabledAt !== undefined)
    throw new VigoError("denied", `the user ${known.name} is disabled`, { hint: "ask an admin" });
  if (known.role === role) return known;
  const act = { at, actor: "oidc", action: "user.role", subject: known.name, detail: { role } };
  const changed = await store.users.change(known.name, (row) => ({ ...row, role }), act);
  return changed ?? known;
}

/** Of the groups that the map names, the role that may do most. */
function roleIn({ role_claim, role_map }: OidcSettings, claims: Claims): Role | undefined {
  const said = claims[role_claim];
  const groups = Array.isArray(said) ? said : [said];
  return groups
    .flatMap((group) =>
      typeof group === "string" && Object.hasOwn(role_map, group) ? [role_map[group]] : [],
    )
    .filter((role) => role !== undefined)
    .sort((a, b) => permissionsOf(b).length - permissionsOf(a).length)[0];
}

function nameIn({ name_claim }: OidcSettings, claims: Claims): string {
  const name = String(claims[name_claim] ?? "").toLowerCase();
  if (/^[a-z0-9][a-z0-9._@-]{0,63}$/.test(name) && !isReserved(name)) return name;
  throw new VigoError("denied", `the provider's claim ${name_claim} gives no name that fits here`, {
    hint: "ask an admin: auth.oidc.name_claim",
  });
}

async function newcomer(
  store: Deps["store"],
  name: string,
  role: Role,
  origin: string,
  at: number,
): Promise<UserRow> {
  const row: UserRow = {
    name,
    passwordHash: "",
    role,
    createdAt: at,
    disabledAt: undefined,
    origin,
    totp: undefined,
  };
  const act = { at, actor: "oidc", action: "user.create", subject: name, detail: { role } };
  if (await store.users.insert(row, act)) return row;
  throw new VigoError("denied", `the name ${name} belongs to another user here`, {
    hint: "ask an admin: auth.oidc.name_claim may name a claim that is different for everybody",
  });
}

async function shutOut(store: Deps["store"], { name, role }: UserRow, at: number): Promise<void> {
  if (role === noRole) return;
  const detail = { role: noRole };
  const act = { at, actor: "oidc", action: "user.role", subject: name, detail };
  await store.users.change(name, (row) => ({ ...row, role: noRole }), act, { at });
}
