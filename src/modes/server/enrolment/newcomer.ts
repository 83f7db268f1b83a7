/**
 * Who asks to become an envoy: a token of this server, and a key whose owner signed the certificate request (docs/design/semantics.md §5).
 * Must not know what becomes of it.
 */
import type { Received } from "../../../core/api/endpoint.ts";
import type { enroll } from "../../../core/api/enroll.ts";
import { VigoError } from "../../../core/errors.ts";
import { verify, verifyKey } from "../../../core/pki/keys.ts";
import { matcher } from "../envoys/page.ts";
import { isSecret } from "../secret.ts";
import type { Store, TokenRow } from "../store/store.ts";
import type { Authority } from "../trust/authority.ts";
import { parseToken } from "./token.ts";

export type EnrolRequest = Received<typeof enroll>["body"];

interface Deps {
  readonly store: Pick<Store, "tokens">;
  readonly authority: Pick<Authority, "fingerprint">;
  /** Somebody at this address showed a token that nobody made. */
  readonly guessed: (address: string) => void;
}

/** A request whose token, key and certificate request belong together. */
export interface Newcomer {
  readonly request: EnrolRequest;
  readonly hostname: string;
  readonly publicKey: Uint8Array;
  readonly csr: Uint8Array;
  readonly token: TokenRow;
  readonly address: string;
}

export const another = "vigo cli tokens create makes another";

export async function examine(
  deps: Deps,
  request: EnrolRequest,
  address: string,
): Promise<Newcomer> {
  const token = await provenToken(deps, request.token, address);
  const publicKey = bytes(request.public_key);
  const csr = bytes(request.csr);
  if (publicKey.length !== 32)
    throw new VigoError("invalid", "body: public_key: an ed25519 key has 32 bytes");
  if (!verify(proofMessage(csr), bytes(request.proof), verifyKey(publicKey)))
    throw new VigoError("denied", "the proof was not made by that key over that request");
  const hostname = request.hostname.toLowerCase();
  assertMatch(token, hostname);
  return { request, hostname, publicKey, csr, token, address };
}

export function assertMatch({ match }: TokenRow, hostname: string): void {
  if (match === undefined || matcher(match)(hostname)) return;
  throw new VigoError("denied", `this token enrols ${match}, which ${hostname} is not`, {
    hint: "make a token for this name: vigo cli tokens create --match …",
  });
}

const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));

/** What a newcomer signs: a domain, then its certificate request's DER. */
const proofMessage = (csr: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.concat([Buffer.from("vigo.v1.enroll\0"), csr]));

/** The token on record; whether it is good for another machine is decided later. */
async function provenToken(
  { store, authority, guessed }: Deps,
  written: string,
  address: string,
): Promise<TokenRow> {
  const parts = parseToken(written);
  if (parts === undefined)
    throw new VigoError("unauthenticated", "this is no token", {
      hint: "copy it whole: vgt_ID_SECRET_FINGERPRINT",
    });
  if (parts.fingerprint !== authority.fingerprint)
    throw new VigoError(
      "denied",
      "this token is for another server, or for a former CA of this one",
      { hint: another },
    );
  const row = await store.tokens.find(parts.id);
  if (row !== undefined && isSecret(parts.secret, row.secretHash)) return row;
  guessed(address);
  throw new VigoError("unauthenticated", "this token is not known here", { hint: another });
}

/** Says which of the reasons it is; the store decides, so that the last use is taken once. */
export function assertUsable(token: TokenRow, now: number): void {
  const refuse = (why: string) => {
    throw new VigoError("unauthenticated", `this token ${why}`, { hint: another });
  };
  if (token.revokedAt !== undefined) refuse("was withdrawn");
  if (token.expiresAt <= now) refuse("has expired");
  if (token.usesLeft === 0) refuse("is used up");
}
