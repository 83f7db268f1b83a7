/** The endpoints by which callers get, show and give back their right to call, handled. Must not know what a proof is made of. */
import { login, loginByCode, logout, me, openSession } from "../../../core/api/auth.ts";
import { permissionsOf, type Role, roleOf } from "../../../core/api/roles.ts";
import { VigoError } from "../../../core/errors.ts";
import { implement } from "../http/implement.ts";
import type { Limiter } from "../http/limiter.ts";
import type { UserRow } from "../store/identity.ts";
import type { Store } from "../store/store.ts";
import { newApiToken } from "./api-tokens.ts";
import { type Proof, type ProofDeps, proven } from "./credentials.ts";
import type { LoginCodes } from "./oidc/login-codes.ts";
import { newSession, noCookie } from "./sessions.ts";

interface Deps extends ProofDeps {
  readonly store: Pick<Store, "users" | "apiTokens" | "sessions">;
  readonly limiter: Limiter;
  readonly loginCodes: Pick<LoginCodes, "take">;
  /** As `server.yaml` says now. */
  readonly method: () => "local" | "oidc";
  /** After a login: the one-time password of the first admin is of no more use. */
  readonly loggedIn: (name: string) => Promise<void>;
}

export const authRoutes = [
  implement(login, async ({ body }, deps: Deps, { address }) => {
    const user = await entered(deps, body, address);
    const { row, token } = newApiToken(user.name, "login", body, deps.now());
    const detail = { token: row.id, label: row.label, address };
    await deps.store.apiTokens.insert(row, loginOf(user.name, deps.now(), detail));
    await deps.loggedIn(user.name);
    return { token, expires_at: new Date(row.expiresAt).toISOString(), role: user.role };
  }),
  implement(loginByCode, async ({ body }, deps: Deps, { address }) => {
    const { limiter, loginCodes, store, now } = deps;
    limiter.take(address);
    const name = loginCodes.take(body.code, body.verifier);
    const user = name === undefined ? undefined : await store.users.find(name);
    if (user === undefined || user.disabledAt !== undefined)
      throw new VigoError("unauthenticated", "this code is none, was used, or came too late", {
        hint: "vigo cli login --oidc begins anew",
      });
    const { row, token } = newApiToken(user.name, "login", body, now());
    const detail = { token: row.id, label: row.label, address, by: "oidc" };
    await store.apiTokens.insert(row, loginOf(user.name, now(), detail));
    const expires_at = new Date(row.expiresAt).toISOString();
    return { token, expires_at, role: withRole(user).role, name: user.name };
  }),
  implement(openSession, async ({ body }, deps: Deps, { address }, reply) => {
    const { name, role } = await entered(deps, body, address);
    const { row, cookie, csrfToken } = newSession(name, deps.now());
    await deps.store.sessions.insert(row, loginOf(name, deps.now(), { session: row.id, address }));
    await deps.loggedIn(name);
    reply.header("set-cookie", cookie);
    return { name, role, csrf_token: csrfToken };
  }),
  implement(logout, async (_, { store, now }: Deps, { name, via, loginId }, reply) => {
    if (loginId === undefined)
      throw new VigoError("failed", "the local token of this host cannot be withdrawn", {
        hint: "remove local-admin.token and restart the server to get another",
      });
    const act = { at: now(), actor: name, action: "user.logout", subject: name };
    if (via === "session") {
      await store.sessions.end(loginId, { ...act, detail: { session: loginId } });
      reply.header("set-cookie", noCookie);
    } else await store.apiTokens.revoke(loginId, now(), { ...act, detail: { token: loginId } });
    return {};
  }),
  implement(me, async (_, __: Deps, { name, role, via, tokenExpiresAt, csrfToken }) => {
    if (via === "nothing" || role === undefined)
      throw new VigoError("denied", "this user has no role", { hint: "ask an admin" });
    const expires = tokenExpiresAt && { expires_at: new Date(tokenExpiresAt).toISOString() };
    const csrf = csrfToken === undefined ? {} : { csrf_token: csrfToken };
    return { name, role, via, permissions: [...permissionsOf(role)], ...expires, ...csrf };
  }),
];

const loginOf = (name: string, at: number, detail: Readonly<Record<string, string>>) => ({
  at,
  actor: name,
  action: "user.login",
  subject: name,
  detail,
});

/** A user with a role, proven by what `auth.method` wants. */
async function entered(
  deps: Deps,
  proof: Proof,
  address: string,
): Promise<UserRow & { readonly role: Role }> {
  deps.limiter.take(address);
  if (deps.method() === "oidc")
    throw new VigoError("denied", "people log in through the OIDC provider here", {
      hint: "open /auth/oidc/login in a browser; on the server's own host the CLI needs no login",
    });
  return withRole(await proven(deps, proof, address));
}

function withRole(user: UserRow): UserRow & { readonly role: Role } {
  const role = roleOf(user.role);
  if (role !== undefined) return { ...user, role };
  throw new VigoError("denied", `the user ${user.name} has no role`, { hint: "ask an admin" });
}
