/** The endpoints about tokens that call the API, handled; and how one is made. Must not know HTTP, nor passwords. */
import { z } from "zod";
import {
  type ApiToken,
  createApiToken,
  listApiTokens,
  revokeApiToken,
} from "../../../core/api/api-tokens.ts";
import { VigoError } from "../../../core/errors.ts";
import { expiry } from "../expiry.ts";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { type Caller, implement } from "../http/implement.ts";
import { hashOf, newId, newSecret } from "../secret.ts";
import type { ApiTokenRow } from "../store/identity.ts";
import type { Store } from "../store/store.ts";

interface Deps {
  readonly store: Pick<Store, "users" | "apiTokens">;
  readonly now: () => number;
}

const place = z.object({ createdAt: z.int(), id: z.string() });

export const apiTokenRoutes = [
  implement(createApiToken, async ({ body }, { store, now }: Deps, caller) => {
    const userName = await owner(store, caller, body.user?.toLowerCase());
    const { row, token } = newApiToken(userName, "made", body, now());
    const detail = { user: userName, label: row.label, expires: body.expires };
    const act = { at: now(), actor: caller.name, action: "api-token.create" };
    await store.apiTokens.insert(row, { ...act, subject: row.id, detail });
    return { ...shown(row), token };
  }),
  implement(listApiTokens, async ({ query }, { store }: Deps, caller) => {
    if (query.all) assertAdmin(caller, "every user's tokens");
    const of = query.all || caller.via === "local-token" ? undefined : caller.name;
    const rows = await store.apiTokens.page(query.limit + 1, of, fromCursor(place, query.cursor));
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return {
      tokens: page.map(shown),
      ...(more ? { cursor: toCursor({ createdAt: last.createdAt, id: last.id }) } : {}),
    };
  }),
  implement(revokeApiToken, async ({ params: { id } }, { store, now }: Deps, caller) => {
    const found = await store.apiTokens.find(id);
    // Whose a token is is told to admins only: for others there is none.
    const isTheirs = found?.userName === caller.name || caller.role === "admin";
    const detail = { user: found?.userName ?? "" };
    const act = { at: now(), actor: caller.name, action: "api-token.revoke", subject: id, detail };
    const row = isTheirs ? await store.apiTokens.revoke(id, now(), act) : undefined;
    if (row !== undefined) return shown(row);
    throw new VigoError("missing", `no token ${id}`, { hint: "vigo cli auth token list" });
  }),
];

/** A row to keep, and the token to give away. */
export function newApiToken(
  userName: string,
  kind: ApiTokenRow["kind"],
  { expires, label }: { readonly expires: string; readonly label: string },
  createdAt: number,
) {
  const [id, secret] = [newId(), newSecret()];
  const row: ApiTokenRow = {
    id,
    secretHash: hashOf(secret),
    userName,
    label,
    kind,
    createdAt,
    expiresAt: expiry(expires, createdAt),
    revokedAt: undefined,
  };
  return { row, token: `vgot_${id}_${secret}` };
}

/** Whose token it will be. */
async function owner(
  store: Deps["store"],
  caller: Caller,
  user: string | undefined,
): Promise<string> {
  if (user === undefined && caller.via === "local-token")
    throw new VigoError("invalid", "body: user: is required: the local token has no user", {
      hint: "--user NAME; `vigo cli webusers list` shows them",
    });
  const name = user ?? caller.name;
  if (name !== caller.name) assertAdmin(caller, "a token of another user");
  const row = await store.users.find(name);
  if (row !== undefined && row.disabledAt === undefined) return name;
  throw new VigoError(row === undefined ? "missing" : "conflict", `no active user ${name}`, {
    hint: "vigo cli webusers list",
  });
}

function assertAdmin({ role }: Caller, what: string): void {
  if (role !== "admin")
    throw new VigoError("denied", `${what}: needs the permission admin`, { hint: "ask an admin" });
}

const iso = (ms: number): string => new Date(ms).toISOString();

const shown = (row: ApiTokenRow): ApiToken => ({
  id: row.id,
  user: row.userName,
  label: row.label,
  kind: row.kind,
  created_at: iso(row.createdAt),
  expires_at: iso(row.expiresAt),
  ...(row.revokedAt === undefined ? {} : { revoked_at: iso(row.revokedAt) }),
});
