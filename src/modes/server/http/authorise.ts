/**
 * Who calls, and may that one do this: the token of this host, one that a user got, or a browser's session. Must not know nouns.
 */
import { networkInterfaces } from "node:os";
import type { Permission } from "../../../core/api/endpoint.ts";
import { permissionsOf, type Role, roleOf } from "../../../core/api/roles.ts";
import { VigoError } from "../../../core/errors.ts";
import { assertOwnPage, findSession, sessionIn } from "../auth/sessions.ts";
import { hashOf, isSecret } from "../secret.ts";
import type { Store } from "../store/store.ts";
import type { Authorise, Call, Caller } from "./implement.ts";
import { Limiter } from "./limiter.ts";

export interface AuthoriseOptions {
  readonly store: Pick<Store, "apiTokens" | "users" | "sessions">;
  /** What `local-admin.token` holds. */
  readonly localToken: string;
  /** How long a session may be silent, as `server.yaml` says now. */
  readonly sessionIdleMs: () => number;
  readonly now: () => number;
  /** By user: no program of one may keep the others waiting. */
  readonly calls: Limiter;
  /** By address, for those who have proven nothing. */
  readonly strangers: Limiter;
}

/** Far above what people and their programs do, and below what would hurt. */
export const callLimits = (now: () => number) => ({
  calls: new Limiter({ burst: 2_000, perSecond: 100, now }),
  strangers: new Limiter({ burst: 1_000, perSecond: 20, now }),
});

type Identity = Omit<Caller, "address">;

export function authorise(options: AuthoriseOptions): Authorise {
  const localHash = hashOf(options.localToken);
  return async (context, required) => {
    const address = context.env?.address ?? "";
    assertOwnSite(context);
    if (required === "anyone") {
      options.strangers.take(address);
      return { name: "anyone", role: undefined, via: "nothing", address };
    }
    const caller = await identify(context, address, localHash, options).catch(
      (refusal: unknown) => {
        options.strangers.take(address);
        throw refusal;
      },
    );
    // Who has the token of this host could stop the server as well.
    if (caller.via !== "local-token") options.calls.take(caller.name);
    if (required !== "authenticated" && !may(caller.role, required))
      throw new VigoError(
        "denied",
        `needs the permission ${required}, which the role ${caller.role ?? "none"} does not have`,
        { hint: "ask an admin" },
      );
    return { ...caller, address };
  };
}

/** A bearer comes first: whoever gives one means it, and no browser adds one by itself. */
async function identify(
  context: Call,
  address: string,
  localHash: string,
  options: AuthoriseOptions,
): Promise<Identity> {
  const header = context.req.header("authorization");
  const session = sessionIn(context.req.header("cookie"));
  if (header === undefined && session !== undefined)
    return sessionCaller(options, session, context);
  const bearer = bearerOf(header);
  if (!isSecret(bearer, localHash)) return apiCaller(options, bearer);
  if (!isOwnAddress(address)) throw stranger("the local token holds on the server's own host only");
  return { name: "local", role: "admin", via: "local-token" };
}

const may = (role: Role | undefined, permission: Permission): boolean =>
  role !== undefined && permissionsOf(role).includes(permission);

const stranger = (message: string) =>
  new VigoError("unauthenticated", message, {
    hint: "`vigo cli login`, or run it on the server's own host as the server's user",
  });

/** Every browser that can be trusted with a session says where a request was made; programs say nothing. */
function assertOwnSite({ req }: Call): void {
  const site = req.header("sec-fetch-site");
  if (req.method !== "GET" && site !== undefined && !["same-origin", "none"].includes(site))
    throw new VigoError("denied", "this came from a page of somebody else");
}

/** Where this host's own programs call from; nothing is known where there is no connection, in tests. */
function isOwnAddress(address: string): boolean {
  if (address === "" || address === "::1" || address.startsWith("127.")) return true;
  return Object.values(networkInterfaces()).some((all) =>
    all?.some((one) => one.address === address),
  );
}

function bearerOf(header: string | undefined): string {
  const [, bearer] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? "") ?? [];
  if (bearer === undefined) throw stranger("this needs a token");
  return bearer;
}

/** `vgot_ID_SECRET`. One answer for an unknown id and a wrong secret. */
async function apiCaller({ store, now }: AuthoriseOptions, bearer: string): Promise<Identity> {
  const [, id, secret] = /^vgot_([0-9a-f]{12})_([0-9a-f]{48})$/.exec(bearer) ?? [];
  const row = id === undefined ? undefined : await store.apiTokens.find(id);
  if (row === undefined || secret === undefined || !isSecret(secret, row.secretHash))
    throw stranger("the token is not known here");
  if (row.revokedAt !== undefined) throw stranger("the token was withdrawn");
  if (row.expiresAt <= now()) throw stranger("the token has expired");
  const user = await welcome(store, row.userName);
  return { ...user, via: "api-token", loginId: row.id, tokenExpiresAt: row.expiresAt };
}

async function sessionCaller(
  { store, sessionIdleMs, now }: AuthoriseOptions,
  shown: string,
  { req }: Call,
): Promise<Identity> {
  const session = await findSession(store, shown, sessionIdleMs(), now());
  if (session === undefined) throw stranger("the session has ended");
  if (req.method !== "GET") assertOwnPage(session, req.header("x-csrf-token"));
  const user = await welcome(store, session.row.userName);
  return { ...user, via: "session", loginId: session.row.id, csrfToken: session.csrfToken };
}

/** Its role as it is now, whatever it was when the token or session began. */
async function welcome(
  store: AuthoriseOptions["store"],
  name: string,
): Promise<Pick<Caller, "name" | "role">> {
  const user = await store.users.find(name);
  if (user === undefined || user.disabledAt !== undefined)
    throw stranger("the user is gone or disabled");
  return { name, role: roleOf(user.role) };
}
