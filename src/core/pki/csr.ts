/**
 * A certificate request of an agent: PKCS #10 (RFC 2986) over a new ECDSA P-256 key. The server takes nothing but the key from
 * it. Must not know files.
 */
import { webcrypto } from "node:crypto";
import { loadX509 } from "./x509.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** The request in DER, and its private key as PKCS #8 in PEM. */
export async function newCertificateRequest(
  name: string,
): Promise<{ readonly csr: Uint8Array; readonly key: string }> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: algorithm,
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    csr: new Uint8Array(request.rawData),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}
