/** What the check-in bench gives to servers and clients: a CA, a server certificate, envoys with certificates and keys. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { issueClient, issueServer, newCa, newServerKey, openCa } from "../../src/core/pki/ca.ts";
import { newKeyPair } from "../../src/core/pki/keys.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Plain data, so that it crosses to another process. */
export interface BenchWorld {
  readonly serverId: string;
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly envoys: readonly BenchEnvoy[];
}

export interface BenchEnvoy {
  readonly id: string;
  /** Both base64. */
  readonly seed: string;
  readonly publicKey: string;
  readonly certificate: string;
  readonly fingerprint: string;
}

/** One TLS key for all clients: what they have of their own is the certificate and the signing key. */
export async function benchWorld(
  count: number,
): Promise<BenchWorld & { readonly clientKey: string }> {
  const now = new Date();
  const made = await newCa(now);
  const ca = await openCa(made);
  const serverKey = await newServerKey();
  const server = await issueServer(ca, { key: serverKey, names: ["127.0.0.1"] }, now);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=bench",
    keys,
    signingAlgorithm: algorithm,
  });
  const envoys: BenchEnvoy[] = [];
  for (let n = 0; n < count; n++) {
    const id = crypto.randomUUID();
    const { seed, publicKey } = newKeyPair();
    const csr = new Uint8Array(request.rawData);
    const { pem, fingerprint } = await issueClient(ca, { request: csr, envoyId: id }, now);
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    envoys.push({
      id,
      seed: base64(seed),
      publicKey: base64(publicKey),
      certificate: pem,
      fingerprint,
    });
  }
  const clientKey = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey("pkcs8", keys.privateKey),
    "PRIVATE KEY",
  );
  const tls = { cert: server.pem, key: serverKey, ca: made.certificate };
  return { serverId: crypto.randomUUID(), tls, envoys, clientKey };
}
