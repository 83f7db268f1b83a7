/**
 * ID tokens of OpenID Connect Core 1.0, as compact JWS (RFC 7515) signed by a key of the provider. Asymmetric algorithms only:
 * no `none`, and nothing that the client's secret could sign. Must not know where a token came from.
 */
import { constants, createPublicKey, verify } from "node:crypto";
import { z } from "zod";
import { VigoError } from "../../../../core/errors.ts";
import { jsonIn } from "../../../../core/text/json-in.ts";

export const keySet = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).max(100),
});

export type ProviderKey = z.output<typeof keySet>["keys"][number];

export interface Expected {
  readonly issuer: string;
  readonly clientId: string;
  readonly nonce: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const header = z.object({ alg: z.string(), kid: z.string().optional() });

const claims = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1).max(255),
  aud: z.union([z.string(), z.array(z.string())]),
  azp: z.string().optional(),
  exp: z.number(),
  iat: z.number(),
  nonce: z.string(),
});

export type Claims = z.output<typeof claims>;

/** How far the provider's clock may be off, in seconds. */
const leeway = 60;

const psPadding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } as const;

/** Key type, hash and options by algorithm (RFC 7518, RFC 8037). */
const algorithms = new Map([
  ["RS256", { kty: "RSA", hash: "sha256", more: {} }],
  ["PS256", { kty: "RSA", hash: "sha256", more: psPadding }],
  ["ES256", { kty: "EC", hash: "sha256", more: { dsaEncoding: "ieee-p1363" } as const }],
  ["EdDSA", { kty: "OKP", hash: undefined, more: {} }],
]);

/** Undefined when no key of the set has signed it: the provider may have a new one. Throws `unauthenticated` for the rest. */
export function claimsOf(
  token: string,
  keys: readonly ProviderKey[],
  expected: Expected,
): Claims | undefined {
  const [head = "", body = "", signature = "", ...more] = token.split(".");
  const { data: said } = header.safeParse(decoded(head));
  if (said === undefined || more.length > 0) throw refused("is no signed token");
  if (!algorithms.has(said.alg)) throw refused(`is signed with ${said.alg}`);
  const signed = Buffer.from(`${head}.${body}`, "ascii");
  const isSigned = keys
    .filter(({ kid }) => said.kid === undefined || kid === said.kid)
    .some((key) => isBy(key, said.alg, signed, Buffer.from(signature, "base64url")));
  if (!isSigned) return undefined;
  const { data } = claims.safeParse(decoded(body));
  if (data === undefined) throw refused("lacks claims that every ID token has");
  assertMeant(data, expected);
  return data;
}

/** By this very key, with this algorithm; no other is tried. */
export function isBy(key: ProviderKey, alg: string, signed: Buffer, signature: Buffer): boolean {
  const algorithm = algorithms.get(alg);
  const isOther = key["alg"] !== undefined && key["alg"] !== alg;
  if (algorithm === undefined || algorithm.kty !== key.kty || isOther) return false;
  if (key["use"] !== undefined && key["use"] !== "sig") return false;
  if (key.kty === "EC" && key["crv"] !== "P-256") return false;
  if (key.kty === "OKP" && key["crv"] !== "Ed25519") return false;
  const publicKey = createPublicKey({ key, format: "jwk" });
  return verify(algorithm.hash, signed, { key: publicKey, ...algorithm.more }, signature);
}

function assertMeant(
  { iss, aud, azp, exp, iat, nonce }: Claims,
  { issuer, clientId, nonce: own, now }: Expected,
): void {
  const audience = typeof aud === "string" ? [aud] : aud;
  const seconds = now / 1_000;
  if (iss !== issuer) throw refused(`is from ${iss}`);
  if (!audience.includes(clientId)) throw refused("is for somebody else");
  if ((azp ?? clientId) !== clientId || (audience.length > 1 && azp === undefined))
    throw refused("was given to somebody else");
  if (exp <= seconds - leeway) throw refused("has expired: are both clocks right?");
  if (iat > seconds + leeway) throw refused("is from the future: are both clocks right?");
  if (nonce !== own) throw refused("belongs to another login");
}

const refused = (why: string) =>
  new VigoError("unauthenticated", `the provider's ID token ${why}`, {
    hint: "log in again; if it stays so, ask an admin",
  });

const decoded = (part: string): unknown => jsonIn(Buffer.from(part, "base64url").toString());
