/** The endpoints by which callers get, show and give back their right to call, handled. Must not know HTTP. */
import type { Answer, Received } from "../../../core/api/endpoint.ts";
import { login, logout, me } from "../../../core/api/auth.ts";
import { permissionsOf, type Role, roles } from "../../../core/api/roles.ts";
import { VigoError } from "../../../core/errors.ts";
import { expiry } from "../expiry.ts";
import { implement } from "../http/implement.ts";
import type { Limiter } from "../http/limiter.ts";
import { hashPassword, isPassword } from "../password.ts";
import { hashOf, newId, newSecret } from "../secret.ts";
import type { Store, UserRow } from "../store/store.ts";
import type { Lockout } from "./lockout.ts";

interface Deps {
  readonly store: Pick<Store, "users" | "apiTokens">;
  readonly lockout: Lockout;
  readonly limiter: Limiter;
  /** After a login: the one-time password of the first admin is of no more use. */
  readonly loggedIn: (name: string) => Promise<void>;
  readonly now: () => number;
}

export const authRoutes = [
  implement(login, async ({ body }, deps: Deps, { address }) => {
    deps.limiter.take(address);
    const user = await proven(deps, body.name.toLowerCase(), body.password);
    const answer = await newApiToken(deps, user, body, address);
    await deps.loggedIn(user.name);
    return answer;
  }),
  implement(logout, async (_, { store, now }: Deps, { name, tokenId }) => {
    if (tokenId === undefined)
      throw new VigoError("failed", "the local token of this host cannot be withdrawn", {
        hint: "remove local-admin.token and restart the server to get another",
      });
    const act = {
      at: now(),
      actor: name,
      action: "user.logout",
      subject: name,
      detail: { token: tokenId },
    };
    await store.apiTokens.revoke(tokenId, now(), act);
    return {};
  }),
  implement(me, async (_, __: Deps, { name, role, via, tokenExpiresAt }) => {
    if (via === "nothing" || role === undefined)
      throw new VigoError("unauthenticated", "this needs a token of somebody with a role");
    const expires = tokenExpiresAt && { expires_at: new Date(tokenExpiresAt).toISOString() };
    return { name, role, via, permissions: [...permissionsOf(role)], ...expires };
  }),
];

/** Hashed at the first need; a name that nobody has costs as much time as a wrong password. */
let nobody: Promise<string> | undefined;

async function proven(
  { store, lockout }: Deps,
  name: string,
  password: string,
): Promise<UserRow & { readonly role: Role }> {
  lockout.assertOpen(name);
  const user = await store.users.find(name);
  nobody ??= hashPassword(newSecret());
  const isRight = await isPassword(password, user?.passwordHash ?? (await nobody));
  const role = roles.find((known) => known === user?.role);
  if (isRight && user !== undefined && role !== undefined) {
    lockout.passed(name);
    return { ...user, role };
  }
  lockout.failed(name);
  throw new VigoError("unauthenticated", "name or password is wrong");
}

async function newApiToken(
  { store, now }: Deps,
  { name, role }: { readonly name: string; readonly role: Role },
  { expires, label }: Received<typeof login>["body"],
  address: string,
): Promise<Answer<typeof login>> {
  const [id, secret] = [newId(), newSecret()];
  const createdAt = now();
  const expiresAt = expiry(expires, createdAt);
  const row = { id, secretHash: hashOf(secret), userName: name, label, createdAt, expiresAt };
  const detail = { token: id, label, address };
  const act = { at: createdAt, actor: name, action: "user.login", subject: name, detail };
  await store.apiTokens.insert({ ...row, revokedAt: undefined }, act);
  return { token: `vgot_${id}_${secret}`, expires_at: new Date(expiresAt).toISOString(), role };
}
