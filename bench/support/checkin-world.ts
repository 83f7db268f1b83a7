/** What the check-in bench gives to servers and clients: a CA, a server certificate, envoys with certificates and keys. */
import { issueClient, issueServer, newCa, newServerKey, openCa } from "../../src/core/pki/ca.ts";
import { newKeyPair } from "../../src/core/pki/keys.ts";
import { certificateRequest } from "../../tests/support/certificate-request.ts";

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
  const { request, key: clientKey } = await certificateRequest("CN=bench");
  const envoys: BenchEnvoy[] = [];
  for (let n = 0; n < count; n++) {
    const id = crypto.randomUUID();
    const { seed, publicKey } = newKeyPair();
    const { pem, fingerprint } = await issueClient(ca, { request, envoyId: id }, now);
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    envoys.push({
      id,
      seed: base64(seed),
      publicKey: base64(publicKey),
      certificate: pem,
      fingerprint,
    });
  }
  const tls = { cert: server.pem, key: serverKey, ca: made.certificate };
  return { serverId: crypto.randomUUID(), tls, envoys, clientKey };
}
