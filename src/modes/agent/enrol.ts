/**
 * Makes this machine an envoy: proves the server by the token's fingerprint, makes the keys, and keeps what it is given
 * (docs/design/semantics.md §5). The keys are on disk before they are told, so an answer that is lost, or a person who takes a day
 * to approve, costs nothing: the same keys ask again. Must not know what the agent does with its identity.
 */
import * as files from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { VigoError } from "../../core/errors.ts";
import { certificateFacts } from "../../core/pki/certificate.ts";
import { newKeyPair, publicKeyOf, sign, signingKey } from "../../core/pki/keys.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { jsonIn } from "../../core/text/json-in.ts";
import { writeAtomically } from "../../core/write-file.ts";
import { addressesIn } from "./addresses.ts";
import { askToEnrol, atOneOf, type EnrolRequest, fetchCa } from "./enrol-client.ts";
import { paths } from "./home.ts";
import { type Identity, readIdentity, writeIdentity } from "./identity.ts";
import type { ProxySettings } from "./proxy.ts";

export interface Newcomer {
  /** `host:port` of the server's HTTPS side; several with commas, which are asked in turn. */
  readonly api: string;
  readonly token: string;
  readonly hostname: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly agentVersion: string;
  readonly platform: "linux" | "darwin" | "windows";
  readonly arch: "amd64" | "arm64";
  readonly proxy?: ProxySettings;
}

export type Enrolment =
  | { readonly kind: "enrolled"; readonly identity: Identity; readonly fresh: boolean }
  | { readonly kind: "pending"; readonly requestId: string; readonly keyFingerprint: string };

/** Asks once. A machine that is enrolled already stays who it is, unless it is `renew`ed. */
export async function enrol(
  home: string,
  newcomer: Newcomer,
  { renew = false }: { readonly renew?: boolean } = {},
): Promise<Enrolment> {
  const known = renew ? undefined : await readIdentity(home);
  if (known !== undefined) return { kind: "enrolled", identity: known, fresh: false };
  const keys = await keptKeys(home, newcomer.hostname);
  const answer = await askAsNewcomer(
    { ...newcomer, proxy: newcomer.proxy },
    {
      token: newcomer.token,
      hostname: newcomer.hostname,
      csr: keys.csr,
      public_key: base64(publicKeyOf(unhex(keys.seed))),
      proof: proofOf(Buffer.from(keys.csr, "base64"), unhex(keys.seed)),
      machine_id: newcomer.machineId,
      boot_id: newcomer.bootId,
      agent_version: newcomer.agentVersion,
      platform: newcomer.platform,
      arch: newcomer.arch,
    },
  );
  if (answer.status === "pending")
    return {
      kind: "pending",
      requestId: answer.request_id,
      keyFingerprint: answer.key_fingerprint,
    };
  const identity: Identity = {
    about: {
      envoy_id: answer.envoy_id,
      hostname: answer.hostname,
      server_id: answer.server_id,
      servers: addressesIn(newcomer.api).map((one) => `${hostOf(one)}:${answer.grpc_port}`),
      api: newcomer.api,
    },
    bundleKeys: answer.bundle_keys,
    certificate: answer.certificate,
    key: keys.key,
    ca: answer.ca,
    seed: unhex(keys.seed),
  };
  if (!certificateFacts(answer.certificate).belongsTo(keys.key))
    throw new VigoError("failed", "the server gave a certificate for another key");
  await writeIdentity(home, identity);
  await files.rm(enrollingPath(home), { force: true });
  return { kind: "enrolled", identity, fresh: true };
}

/** Nothing is sent to a server before the token has vouched for it. */
export const askAsNewcomer = (
  { api, token, proxy }: Called,
  request: EnrolRequest,
): ReturnType<typeof askToEnrol> =>
  atOneOf(api, async (one) =>
    askToEnrol(one, await provenCa({ api: one, token, proxy }), request, proxy),
  );

interface Called extends Pick<Newcomer, "api" | "token"> {
  readonly proxy: ProxySettings | undefined;
}

/** The CA that the token vouches for, PEM. Throws `denied` when another one answers. */
async function provenCa({ api, token, proxy }: Called): Promise<string> {
  const [, fingerprint] = /^vgt_[^_]+_[^_]+_([0-9a-f]{64})$/.exec(token) ?? [];
  if (fingerprint === undefined)
    throw new VigoError("invalid", "this is no enrolment token", {
      hint: "copy it whole: vgt_ID_SECRET_FINGERPRINT, as `vigo cli tokens create` printed it",
    });
  const ca = await fetchCa(api, proxy);
  if (certificateFacts(ca).fingerprint === fingerprint) return ca;
  throw new VigoError("denied", `${api} has another CA than the token says`, {
    hint: "is it the right server? Somebody in between would look the same. Nothing was sent to it",
  });
}

const kept = z.strictObject({
  hostname: z.string(),
  seed: z.string(),
  /** DER, base64. */
  csr: z.string(),
  /** PKCS #8, PEM. */
  key: z.string(),
});

const enrollingPath = (home: string) => join(paths(home).identity, "enrolling.json");

/** Those of the attempt before, for the same name; else new ones. */
async function keptKeys(home: string, hostname: string): Promise<z.output<typeof kept>> {
  const text = await ifThere(files.readFile(enrollingPath(home), "utf8"));
  const before = text === undefined ? undefined : kept.safeParse(jsonIn(text)).data;
  if (before?.hostname === hostname) return before;
  const { newCertificateRequest } = await import("../../core/pki/csr.ts");
  const { csr, key } = await newCertificateRequest(hostname);
  const keys = { hostname, seed: hex(newKeyPair().seed), csr: base64(csr), key };
  await writeAtomically(files, enrollingPath(home), JSON.stringify(keys));
  return keys;
}

/** A newcomer signs a domain, then its certificate request's DER. Base64. */
export const proofOf = (csr: Uint8Array, seed: Uint8Array): string =>
  base64(sign(Buffer.concat([Buffer.from("vigo.v1.enroll\0"), csr]), signingKey(seed)));

const hostOf = (api: string): string => {
  const { hostname } = new URL(`https://${api}`);
  return hostname;
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
