/** Certificates for tests: a CA, a server's, clients' from their own requests. Must not know the server. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import {
  type Ca,
  issueClient,
  issueServer,
  newCa,
  newServerKey,
  openCa,
} from "../../../src/core/pki/ca.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

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
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=ignored",
    keys,
    signingAlgorithm: algorithm,
  });
  const csr = new Uint8Array(request.rawData);
  const issued = await issueClient(ca, { request: csr, envoyId }, now);
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey("pkcs8", keys.privateKey),
    "PRIVATE KEY",
  );
  const { pem: certificate, fingerprint, expiresAt } = issued;
  return { certificate, key, fingerprint, expiresAt, csr };
}
