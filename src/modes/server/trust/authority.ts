/**
 * The CA in its two files, made when neither is there. The private key is read at start, to see that it fits, and opened
 * only when something is issued. Must not know who gets a certificate.
 */
import { VigoError } from "../../../core/errors.ts";
import type { Issued } from "../../../core/pki/ca.ts";
import { certificateFacts } from "../../../core/pki/certificate.ts";
import { readIfThere, writeAtomically } from "../write-file.ts";

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** sha256 of its DER, hex. */
  readonly fingerprint: string;
  readonly expiresAt: number;
  /** Rejects with `invalid` for a request that is none. */
  issueClient(request: Uint8Array, envoyId: string, now: Date): Promise<Issued>;
  issueServer(key: string, names: readonly string[], now: Date): Promise<Issued>;
}

interface AuthorityFiles {
  readonly ca: string;
  readonly caKey: string;
}

/** Rejects with `failed` when a file is missing, or the two do not belong together. */
export async function openAuthority(files: AuthorityFiles): Promise<Authority> {
  const [certificate, key] = await Promise.all([readIfThere(files.ca), readIfThere(files.caKey)]);
  if (certificate === undefined) throw lost(files.ca);
  if (key === undefined) throw lost(files.caKey);
  const facts = certificateFacts(certificate);
  if (!facts.isCa) throw new VigoError("failed", `${files.ca} is not the certificate of a CA`);
  if (!facts.belongsTo(key))
    throw new VigoError("failed", `${files.caKey} is not the key of ${files.ca}`);
  const open = async () => {
    const pki = await import("../../../core/pki/ca.ts");
    return { pki, ca: await pki.openCa({ certificate, key }) };
  };
  return {
    certificate,
    fingerprint: facts.fingerprint,
    expiresAt: facts.expiresAt,
    issueClient: async (request, envoyId, now) => {
      const { pki, ca } = await open();
      return pki.issueClient(ca, { request, envoyId }, now);
    },
    issueServer: async (serverKey, names, now) => {
      const { pki, ca } = await open();
      return pki.issueServer(ca, { key: serverKey, names }, now);
    },
  };
}

/** The certificate is written last: while it is missing, nothing can have been issued, and both are made anew. */
export async function makeAuthority(files: AuthorityFiles, now: Date): Promise<void> {
  if ((await readIfThere(files.ca)) !== undefined) return;
  const { newCa } = await import("../../../core/pki/ca.ts");
  const made = await newCa(now);
  await writeAtomically(files.caKey, made.key);
  await writeAtomically(files.ca, made.certificate, 0o644);
}

const lost = (file: string) =>
  new VigoError("failed", `${file} is missing, and envoys trust it`, {
    hint: "restore it from a backup; without it every envoy has to enrol again",
  });
