/** Sessions of browsers: a cookie that only this server reads, and a second word against foreign pages. Must not know routes. */
import { VigoError } from "../../../core/errors.ts";
import { sha256Hex } from "../../../core/pki/keys.ts";
import type { Settings } from "../config/read.ts";
import { hashOf, isSecret, newId, newSecret } from "../secret.ts";
import type { SessionRow } from "../store/identity.ts";
import type { Store } from "../store/store.ts";

/** The prefix makes browsers take it over HTTPS from this very host only, for the whole of it. */
const cookieName = "__Host-vigo";

/** However busy, one logs in once a day. */
const longestSessionMs = 12 * 3_600_000;

/** That somebody was there is written no more often. */
const seenEveryMs = 30_000;

export function newSession(userName: string, now: number) {
  const [id, secret] = [newId(), newSecret()];
  const row: SessionRow = {
    id,
    secretHash: hashOf(secret),
    userName,
    createdAt: now,
    seenAt: now,
  };
  return {
    row,
    cookie: cookie(cookieName, `${id}_${secret}`, longestSessionMs),
    csrfToken: csrfOf(secret),
  };
}

/** Lax, not Strict: whoever comes back from an OIDC provider is not to be asked again. */
export const cookie = (name: string, value: string, ms: number): string =>
  `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${ms / 1000}`;

export const noCookie = cookie(cookieName, "", 0);

export const pruneSessions = (
  { sessions }: Pick<Store, "sessions">,
  { auth }: Pick<Settings, "auth">,
  now: number,
): Promise<number> => sessions.prune(now - auth.session_idle_timeout, now - longestSessionMs);

/** Undefined when a request shows no session at all. */
export const sessionIn = (cookies: string | undefined): string | undefined =>
  cookieIn(cookies, cookieName);

export const cookieIn = (cookies: string | undefined, name: string): string | undefined =>
  cookies
    ?.split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

export interface OpenSession {
  readonly row: SessionRow;
  readonly csrfToken: string;
}

/** Undefined for one that is unknown, or has ended. */
export async function findSession(
  store: Pick<Store, "sessions">,
  shown: string,
  idleMs: number,
  now: number,
): Promise<OpenSession | undefined> {
  const [, id, secret] = /^([0-9a-f]{12})_([0-9a-f]{48})$/.exec(shown) ?? [];
  const row = id === undefined ? undefined : await store.sessions.find(id);
  if (row === undefined || secret === undefined || !isSecret(secret, row.secretHash))
    return undefined;
  // Seen by a clock that was set back since: how long ago that was, nobody knows.
  if (row.seenAt - seenEveryMs > now) return undefined;
  if (row.seenAt + idleMs <= now || row.createdAt + longestSessionMs <= now) return undefined;
  if (row.seenAt + seenEveryMs <= now) await store.sessions.seen(row.id, now);
  return { row, csrfToken: csrfOf(secret) };
}

/** Pages of others can make a browser send the cookie, but not read what this is. */
const csrfOf = (secret: string): string => sha256Hex(`vigo.v1.csrf\0${secret}`);

/** Throws `denied` for what a page of others may have made the browser send. */
export function assertOwnPage({ csrfToken }: OpenSession, given: string | undefined): void {
  if (given === undefined || !isSecret(given, hashOf(csrfToken)))
    throw new VigoError("denied", "a session's calls that change anything need X-CSRF-Token", {
      hint: "GET /api/v1/me tells it",
    });
}
