/**
 * The certificate that the server shows on both ports: issued by its own CA, or brought by the operator. Must not know who
 * listens.
 */
import { networkInterfaces } from "node:os";
import { VigoError } from "../../../core/errors.ts";
import {
  certificateFacts,
  isCertificate,
  privateKeyIn,
  renewalDueAt,
} from "../../../core/pki/certificate.ts";
import type { Settings } from "../config/read.ts";
import { readIfThere, writeAtomically } from "../write-file.ts";
import type { Authority } from "./authority.ts";
import { factsIn } from "./certificate-file.ts";

export interface ServerCertificate {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

/** The one in force, renewed first when that is due, or when this host has come by a new name or address. */
export async function serverCertificate(
  settings: Pick<Settings, "tls" | "hostname" | "server">,
  authority: Authority,
  now: Date,
): Promise<ServerCertificate> {
  const { tls } = settings;
  if (!tls.ownCertificate) return brought(tls.cert, tls.key);
  const names = namesOf(settings);
  const [certificate, key] = await Promise.all([readIfThere(tls.cert), readIfThere(tls.key)]);
  if (key !== undefined && privateKeyIn(key) === undefined)
    throw new VigoError("failed", `${tls.key} is no private key`, {
      hint: "restore it from a backup, or remove it: then another is made, and who has pinned the former one must learn it",
    });
  if (certificate !== undefined && key !== undefined) {
    const isGood = holds({ certificate, key }, names, authority, now);
    if (isGood) return { certificate, key };
  }
  return issue(tls, key ?? (await newKey(tls.key)), names, authority, now);
}

/** What browsers and agents may call this host. */
export function namesOf({
  hostname,
  server,
}: Pick<Settings, "hostname" | "server">): readonly string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .filter(({ scopeid }) => scopeid === undefined || scopeid === 0)
    .map(({ address }) => address);
  return [
    ...new Set([hostname, ...server.tls_sans, "localhost", "127.0.0.1", "::1", ...addresses]),
  ];
}

function holds(
  { certificate, key }: ServerCertificate,
  names: readonly string[],
  authority: Authority,
  now: Date,
): boolean {
  // One that is damaged is replaced like one that has ended.
  if (!isCertificate(certificate)) return false;
  const facts = certificateFacts(certificate);
  return (
    // One that begins later was made by a clock that was ahead.
    facts.issuedAt <= now.getTime() &&
    now.getTime() < renewalDueAt(facts) &&
    facts.belongsTo(key) &&
    facts.issuedBy(authority.certificate) &&
    names.every(facts.covers)
  );
}

/** The key stays, so that a pin of it holds after a renewal. */
async function issue(
  tls: Settings["tls"],
  key: string,
  names: readonly string[],
  authority: Authority,
  now: Date,
): Promise<ServerCertificate> {
  const { pem } = await authority.issueServer(key, names, now);
  await writeAtomically(tls.cert, pem, 0o644);
  return { certificate: pem, key };
}

async function newKey(file: string): Promise<string> {
  const { newServerKey } = await import("../../../core/pki/ca.ts");
  const key = await newServerKey();
  await writeAtomically(file, key);
  return key;
}

async function brought(certFile: string, keyFile: string): Promise<ServerCertificate> {
  const [certificate, key] = await Promise.all([readIfThere(certFile), readIfThere(keyFile)]);
  if (certificate === undefined) throw new VigoError("failed", `${certFile} is missing`);
  if (key === undefined) throw new VigoError("failed", `${keyFile} is missing`);
  if (!factsIn(certFile, certificate).belongsTo(key))
    throw new VigoError("failed", `${keyFile} is not the key of ${certFile}`);
  return { certificate, key };
}
