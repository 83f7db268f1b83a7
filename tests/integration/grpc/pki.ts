/** Certificates for tests: a CA, a server's, clients' from their own requests. Must not know the server. */
import {
  type Ca,
  issueClient,
  issueServer,
  newCa,
  newServerKey,
  openCa,
} from "../../../src/core/pki/ca.ts";
import { certificateRequest } from "../../support/certificate-request.ts";

export interface Authority {
  readonly ca: Ca;
  readonly pem: string;
}

export async function authority(now: Date): Promise<Authority> {
  const made = await newCa(now);
  return { ca: await openCa(made), pem: made.certificate };
}

export async function serverTls({ ca, pem }: Authority, now: Date) {
  const key = await newServerKey();
  const { pem: cert } = await issueServer(ca, { key, names: ["127.0.0.1"] }, now);
  return { cert, key, ca: pem };
}

export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
  /** sha256 of its DER, hex. */
  readonly fingerprint: string;
  readonly expiresAt: number;
  /** What it was made from, DER. */
  readonly csr: Uint8Array;
}

export async function clientCertificate(
  { ca }: Authority,
  envoyId: string,
  now: Date,
): Promise<ClientCertificate> {
  const { request, key } = await certificateRequest("CN=ignored");
  const { pem, fingerprint, expiresAt } = await issueClient(ca, { request, envoyId }, now);
  return { certificate: pem, key, fingerprint, expiresAt, csr: request };
}
