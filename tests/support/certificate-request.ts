/** Makes PKCS #10 requests, as an agent does. */
import { webcrypto } from "node:crypto";
import { loadX509 } from "../../src/core/pki/x509.ts";

const p256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** The request in DER and its private key in PEM. */
export async function certificateRequest(
  name: string,
  algorithm: { readonly name: string; readonly namedCurve: string; readonly hash: string } = p256,
): Promise<{ request: Uint8Array; key: string }> {
  const x509 = await loadX509();
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 3, true)],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    request: new Uint8Array(made.rawData),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}
