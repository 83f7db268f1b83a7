/** The endpoints about enrolment tokens, handled. Must not know HTTP, nor what happens when one is used. */
import type { Received } from "../../../core/api/endpoint.ts";
import { createToken, listTokens, revokeToken, type Token } from "../../../core/api/tokens.ts";
import { parseDuration } from "../../../core/duration.ts";
import { VigoError } from "../../../core/errors.ts";
import { printToken } from "../enrolment/token.ts";
import { expiry } from "../expiry.ts";
import { implement } from "../http/implement.ts";
import { hashOf, newId, newSecret } from "../secret.ts";
import type { Store, TokenRow } from "../store/store.ts";
import type { Authority } from "../trust/authority.ts";

interface Deps {
  readonly store: Pick<Store, "tokens">;
  readonly authority: Pick<Authority, "fingerprint">;
  /** Of the certificate that is shown now. */
  readonly identity: () => { readonly names: readonly string[]; readonly publicKeyPin: string };
  readonly ports: { readonly api: number };
  readonly now: () => number;
}

export const tokenRoutes = [
  implement(listTokens, async (_, { store, now }: Deps) => ({
    tokens: (await store.tokens.all()).map((row) => shown(row, now())),
  })),
  implement(createToken, async ({ body }, deps: Deps, { name }) => {
    const { store, authority, identity, ports, now } = deps;
    const secret = newSecret();
    const row = newToken(body, hashOf(secret), now());
    const { id, match = null, label } = row;
    const { uses, expires, ephemeral = null } = body;
    const detail = { match, label, uses, expires, ephemeral };
    const act = { at: now(), actor: name, action: "token.create", subject: id, detail };
    await store.tokens.insert(row, act);
    const { names, publicKeyPin } = identity();
    return {
      ...shown(row, now()),
      token: printToken({ id, secret, fingerprint: authority.fingerprint }),
      api_port: ports.api,
      server_names: [...names],
      public_key_pin: publicKeyPin,
    };
  }),
  implement(revokeToken, async ({ params: { id } }, { store, now }: Deps, { name }) => {
    const act = { at: now(), actor: name, action: "token.revoke", subject: id, detail: null };
    const row = await store.tokens.revoke(id, now(), act);
    if (row !== undefined) return shown(row, now());
    throw new VigoError("missing", `no token ${id}`, { hint: "vigo cli tokens list" });
  }),
];

function newToken(
  { uses, expires, match, label, ephemeral }: Received<typeof createToken>["body"],
  secretHash: string,
  now: number,
): TokenRow {
  return {
    id: newId(),
    secretHash,
    label,
    match: match?.toLowerCase(),
    usesLeft: uses === 0 ? undefined : uses,
    createdAt: now,
    expiresAt: expiry(expires, now),
    revokedAt: undefined,
    ephemeralMs: ephemeral === undefined ? undefined : life(ephemeral),
  };
}

const [minute, year] = [60_000, 366 * 86_400_000];

/** An agent that calls every five minutes must not be forgotten in between. */
function life(ephemeral: string): number {
  const ms = parseDuration(ephemeral) ?? 0;
  if (ms >= minute && ms <= year) return ms;
  throw new VigoError(
    "invalid",
    `body: ephemeral: must be at least a minute and at most a year, not ${ephemeral}`,
  );
}

const iso = (ms: number): string => new Date(ms).toISOString();

const shown = (row: TokenRow, now: number): Token => ({
  id: row.id,
  label: row.label,
  created_at: iso(row.createdAt),
  expires_at: iso(row.expiresAt),
  usable: row.revokedAt === undefined && row.expiresAt > now && row.usesLeft !== 0,
  ...(row.match === undefined ? {} : { match: row.match }),
  ...(row.ephemeralMs === undefined ? {} : { ephemeral_s: row.ephemeralMs / 1000 }),
  ...(row.usesLeft === undefined ? {} : { uses_left: row.usesLeft }),
  ...(row.revokedAt === undefined ? {} : { revoked_at: iso(row.revokedAt) }),
});
