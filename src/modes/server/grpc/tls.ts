/** TLS of port 1530: what is asked of a client, and why one was refused. Must not know what is said over it. */
import { constants } from "node:crypto";
import type { SecureServerOptions } from "node:http2";
import type { TlsReason } from "./metrics.ts";

/** All PEM. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** Clients show a certificate of one of these. */
  readonly ca: string;
}

export const tlsOptions = ({ cert, key, ca }: ServerTls): SecureServerOptions => ({
  cert,
  key,
  ca,
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: "TLSv1.3",
  // A resumed session would skip the certificate, and so outlive it.
  secureOptions: constants.SSL_OP_NO_TICKET,
});

const reasons: Readonly<Record<string, TlsReason>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: "no_cert",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "wrong_ca",
  UNABLE_TO_GET_ISSUER_CERT: "wrong_ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "wrong_ca",
  SELF_SIGNED_CERT_IN_CHAIN: "wrong_ca",
  DEPTH_ZERO_SELF_SIGNED_CERT: "wrong_ca",
  CERT_SIGNATURE_FAILURE: "wrong_ca",
  CERT_UNTRUSTED: "wrong_ca",
  INVALID_PURPOSE: "wrong_ca",
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "expired",
  ERR_SSL_HTTP_REQUEST: "not_tls",
  ERR_SSL_WRONG_VERSION_NUMBER: "not_tls",
};

export const tlsReason = (error: Error & { readonly code?: string }): TlsReason =>
  reasons[error.code ?? ""] ?? "handshake";
