/** Who calls, and may that one do this: the token of this host, or one that a user got by logging in. Must not know nouns. */
import type { Permission } from "../../../core/api/endpoint.ts";
import { permissionsOf, type Role, roles } from "../../../core/api/roles.ts";
import { VigoError } from "../../../core/errors.ts";
import { hashOf, isSecret } from "../secret.ts";
import type { Store } from "../store/store.ts";
import type { Authorise, Caller } from "./implement.ts";

export interface AuthoriseOptions {
  readonly store: Pick<Store, "apiTokens" | "users">;
  /** What `local-admin.token` holds. */
  readonly localToken: string;
  readonly now: () => number;
}

export function authorise({ store, localToken, now }: AuthoriseOptions): Authorise {
  const localHash = hashOf(localToken);
  const identify = async (bearer: string): Promise<Omit<Caller, "address">> => {
    if (isSecret(bearer, localHash)) return { name: "local", role: "admin", via: "local-token" };
    return apiCaller(store, bearer, now());
  };
  return async (context, required) => {
    const address = context.env?.address ?? "";
    if (required === "anyone") return { name: "anyone", role: undefined, via: "nothing", address };
    const caller = await identify(bearerOf(context.req.header("authorization")));
    if (required !== "authenticated" && !may(caller.role, required))
      throw new VigoError(
        "denied",
        `needs the permission ${required}, which the role ${caller.role ?? "none"} does not have`,
        { hint: "ask an admin" },
      );
    return { ...caller, address };
  };
}

const may = (role: Role | undefined, permission: Permission): boolean =>
  role !== undefined && permissionsOf(role).includes(permission);

const stranger = (message: string) =>
  new VigoError("unauthenticated", message, {
    hint: "`vigo cli login`, or run it on the server's own host as the server's user",
  });

function bearerOf(header: string | undefined): string {
  const [, bearer] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? "") ?? [];
  if (bearer === undefined) throw stranger("this needs a token");
  return bearer;
}

/** `vgot_ID_SECRET`. One answer for an unknown id and a wrong secret. */
async function apiCaller(
  store: AuthoriseOptions["store"],
  bearer: string,
  now: number,
): Promise<Omit<Caller, "address">> {
  const [, id, secret] = /^vgot_([0-9a-f]{12})_([0-9a-f]{48})$/.exec(bearer) ?? [];
  const row = id === undefined ? undefined : await store.apiTokens.find(id);
  if (row === undefined || secret === undefined || !isSecret(secret, row.secretHash))
    throw stranger("the token is not known here");
  if (row.revokedAt !== undefined) throw stranger("the token was withdrawn");
  if (row.expiresAt <= now) throw stranger("the token has expired");
  const user = await store.users.find(row.userName);
  if (user === undefined) throw stranger("the token's user is gone");
  return {
    name: user.name,
    role: roles.find((role) => role === user.role),
    via: "api-token",
    tokenId: row.id,
    tokenExpiresAt: row.expiresAt,
  };
}
