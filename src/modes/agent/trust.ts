/**
 * The way back when the server's signing key was lost: a fresh token vouches for the server, and the server says which keys sign
 * bundles now (docs/design/semantics.md §5). Must not know how words are read.
 */
import { VigoError } from "../../core/errors.ts";
import { publicKeyOf } from "../../core/pki/keys.ts";
import { version } from "../../core/version.ts";
import { askAsNewcomer, proofOf } from "./enrol.ts";
import { machineFacts } from "./facts.ts";
import { thisMachine } from "./enforcement.ts";
import type { ProxySettings } from "./proxy.ts";
import { type Identity, mustHaveIdentity, writeCertificate, writeTrust } from "./identity.ts";

export interface Trusted {
  readonly added: readonly string[];
  readonly verification_keys: readonly string[];
}

/** Asks as the envoy it is: the answer is for the same identity, or none. */
export async function trust(home: string, token: string, proxy?: ProxySettings): Promise<Trusted> {
  const identity = await mustHaveIdentity(home);
  const { newCertificateRequest } = await import("../../core/pki/csr.ts");
  const { csr, key } = await newCertificateRequest(identity.about.hostname);
  const answer = await askAsNewcomer(
    { api: identity.about.api, token, proxy },
    requestOf(home, identity, token, csr),
  );
  if (answer.status !== "enrolled" || answer.envoy_id !== identity.about.envoy_id)
    throw new VigoError("denied", "the server does not know this envoy's key", {
      hint: "enrol it anew: vigo agent bootstrap --force",
    });
  await writeTrust(home, answer.bundle_keys);
  await writeCertificate(home, { certificate: answer.certificate, key, ca: answer.ca });
  const before = new Set(identity.bundleKeys.map(({ id }) => id));
  const keys = answer.bundle_keys.map(({ id }) => id);
  return { added: keys.filter((id) => !before.has(id)), verification_keys: keys };
}

function requestOf(home: string, { about, seed }: Identity, token: string, csr: Uint8Array) {
  const { machineId, bootId } = machineFacts();
  const { os } = thisMachine(home);
  return {
    token,
    hostname: about.hostname,
    csr: Buffer.from(csr).toString("base64"),
    public_key: Buffer.from(publicKeyOf(seed)).toString("base64"),
    proof: proofOf(csr, seed),
    machine_id: machineId,
    boot_id: bootId,
    agent_version: version.version,
    platform: os.platform,
    arch: os.arch === "arm64" ? "arm64" : "amd64",
  } as const;
}
