/**
 * The CA in its two files, made when neither is there, and while it is replaced the next one in two more. Private keys are read
 * at start, to see that they fit, and opened only when something is issued. Must not know who gets a certificate.
 */
import { rm } from "node:fs/promises";
import { VigoError } from "../../../core/errors.ts";
import type { Issued, Keyed } from "../../../core/pki/ca.ts";
import { readIfThere, writeAtomically } from "../write-file.ts";
import { factsIn } from "./certificate-file.ts";

/** One CA: what is public of it. */
export interface PublicCa {
  /** PEM. */
  readonly certificate: string;
  /** sha256 of its DER, hex. */
  readonly fingerprint: string;
  readonly expiresAt: number;
}

/**
 * What it says of itself is of the CA in force, which issues the server's certificate. While it is replaced, envoys are told to
 * trust both, and get their certificates from the next one: so no handshake ever fails.
 */
export interface Authority extends PublicCa {
  /** While it is being replaced. */
  readonly next: PublicCa | undefined;
  /** PEM of all that is to be trusted. */
  readonly trusted: string;
  /** Names exactly these: tells which envoys know them. */
  readonly trusts: string;
  /** Rejects with `invalid` for a request that is none. */
  issueClient(request: Uint8Array, envoyId: string, now: Date): Promise<Issued>;
  issueServer(key: string, names: readonly string[], now: Date): Promise<Issued>;
  /** Makes the next one. Rejects with `conflict` when there is one already. */
  begin(now: Date): Promise<PublicCa>;
  /** The next one becomes the one in force, and the former is forgotten. Rejects with `conflict` when there is none. */
  finish(): Promise<PublicCa>;
}

interface AuthorityFiles {
  readonly ca: string;
  readonly caKey: string;
}

interface Kept extends PublicCa, Keyed {}

const nextOf = ({ ca, caKey }: AuthorityFiles): AuthorityFiles => ({
  ca: `${ca}.next`,
  caKey: `${caKey}.next`,
});

/** Rejects with `failed` when a file is missing, or the two do not belong together. */
export async function openAuthority(files: AuthorityFiles): Promise<Authority> {
  await completeFinish(files);
  let current = await open(files);
  let next = (await readIfThere(nextOf(files).ca)) ? await open(nextOf(files)) : undefined;
  const all = () => (next === undefined ? [current] : [current, next]);
  /** Two who change the CA at the same moment would leave files of both. */
  let changing = false;
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    if (changing) throw replacedAlready();
    changing = true;
    try {
      return await work();
    } finally {
      changing = false;
    }
  };
  const issuer = async ({ certificate, key }: Kept) => {
    const pki = await import("../../../core/pki/ca.ts");
    return { pki, ca: await pki.openCa({ certificate, key }) };
  };
  return {
    get certificate() {
      return current.certificate;
    },
    get fingerprint() {
      return current.fingerprint;
    },
    get expiresAt() {
      return current.expiresAt;
    },
    get next() {
      return next;
    },
    get trusted() {
      return all()
        .map(({ certificate }) => certificate)
        .join("");
    },
    get trusts() {
      return all()
        .map(({ fingerprint }) => fingerprint)
        .join(" ");
    },
    issueClient: async (request, envoyId, now) => {
      const { pki, ca } = await issuer(next ?? current);
      return pki.issueClient(ca, { request, envoyId }, now);
    },
    issueServer: async (key, names, now) => {
      const { pki, ca } = await issuer(current);
      return pki.issueServer(ca, { key, names }, now);
    },
    begin: (now) =>
      alone(async () => {
        if (next !== undefined) throw replacedAlready();
        await make(nextOf(files), now);
        next = await open(nextOf(files));
        return next;
      }),
    finish: () =>
      alone(async () => {
        if (next === undefined) throw notReplaced();
        // With this the change is decided: whoever starts next completes it.
        await writeAtomically(files.caKey, next.key);
        await completeFinish(files);
        [current, next] = [next, undefined];
        return current;
      }),
  };
}

/** Its certificate is written last: while it is missing, nothing can have been issued, and both are made anew. */
export async function makeAuthority(files: AuthorityFiles, now: Date): Promise<void> {
  if ((await readIfThere(files.ca)) === undefined) await make(files, now);
}

async function make(files: AuthorityFiles, now: Date): Promise<void> {
  const { newCa } = await import("../../../core/pki/ca.ts");
  const made = await newCa(now);
  await writeAtomically(files.caKey, made.key);
  await writeAtomically(files.ca, made.certificate, 0o644);
}

async function open(files: AuthorityFiles): Promise<Kept> {
  const [certificate, key] = await Promise.all([readIfThere(files.ca), readIfThere(files.caKey)]);
  if (certificate === undefined) throw lost(files.ca);
  if (key === undefined) throw lost(files.caKey);
  const facts = factsIn(files.ca, certificate);
  if (!facts.isCa) throw new VigoError("failed", `${files.ca} is not the certificate of a CA`);
  if (!facts.belongsTo(key))
    throw new VigoError("failed", `${files.caKey} is not the key of ${files.ca}`, {
      hint: "restore both from one backup",
    });
  const { fingerprint, expiresAt } = facts;
  return { certificate, key, fingerprint, expiresAt };
}

/** Where the key in force is the next one's already: a kill in between must not leave two files that do not fit. */
async function completeFinish(files: AuthorityFiles): Promise<void> {
  const next = nextOf(files);
  const [certificate, key] = await Promise.all([readIfThere(next.ca), readIfThere(files.caKey)]);
  if (certificate === undefined || key === undefined) return;
  if (!factsIn(next.ca, certificate).belongsTo(key)) return;
  await writeAtomically(files.ca, certificate, 0o644);
  await rm(next.ca, { force: true });
  await rm(next.caKey, { force: true });
}

const replacedAlready = () =>
  new VigoError("conflict", "the CA is being replaced already", { hint: "vigo cli server ca" });

const notReplaced = () =>
  new VigoError("conflict", "the CA is not being replaced", { hint: "vigo cli server new-ca" });

const lost = (file: string) =>
  new VigoError("failed", `${file} is missing, and envoys trust it`, {
    hint: "restore it from a backup; without it every envoy has to enrol again",
  });
