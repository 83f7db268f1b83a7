/** How an enrolment token is written: `vgt_ID_SECRET_FINGERPRINT`. Must not know which ones hold. */

export interface TokenParts {
  readonly id: string;
  readonly secret: string;
  /** sha256 of the CA certificate's DER, hex: by it a newcomer knows the server from the first byte. */
  readonly fingerprint: string;
}

const form = /^vgt_([0-9a-f]{12})_([0-9a-f]{48})_([0-9a-f]{64})$/;

export const printToken = ({ id, secret, fingerprint }: TokenParts): string =>
  `vgt_${id}_${secret}_${fingerprint}`;

/** Undefined for what is no token, as one that lost its end while it was copied. */
export function parseToken(token: string): TokenParts | undefined {
  const [, id, secret, fingerprint] = form.exec(token.trim()) ?? [];
  if (id === undefined || secret === undefined || fingerprint === undefined) return undefined;
  return { id, secret, fingerprint };
}
