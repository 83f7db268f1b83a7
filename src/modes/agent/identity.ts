/**
 * Who this machine is to its server, whom it trusts, and the newest bundle it ever accepted: files beside the certificate, so that
 * a lost cache loses none of it (docs/design/semantics.md §5). Must not know how an identity is had.
 */
import { randomBytes } from "node:crypto";
import * as files from "node:fs/promises";
import { join } from "node:path";
import type { Floor } from "../../core/bundle/open.ts";
import { VigoError } from "../../core/errors.ts";
import { isCertificate, privateKeyIn } from "../../core/pki/certificate.ts";
import { type VerifyKey, verifyKey } from "../../core/pki/keys.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { writeAtomically } from "../../core/write-file.ts";
import { paths } from "./home.ts";
import {
  type About,
  about,
  type BundleKey,
  floor,
  type Shape,
  shaped,
  trusted,
} from "./identity-shape.ts";
import type { LinkIdentity } from "./link.ts";

export interface Identity {
  readonly about: About;
  readonly bundleKeys: readonly BundleKey[];
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
  /** Raw Ed25519, 32 bytes. */
  readonly seed: Uint8Array;
}

/** Undefined: never enrolled. Rejects with `failed` when it is there and cannot be used. */
export async function readIdentity(home: string): Promise<Identity | undefined> {
  const folder = paths(home).identity;
  const text = await ifThere(files.readFile(join(folder, "identity.json"), "utf8"));
  if (text === undefined) return undefined;
  const read = async (name: string, holds: string, isSound: (text: string) => boolean) => {
    const found = await ifThere(files.readFile(join(folder, name), "utf8"));
    if (found === undefined) throw damaged(join(folder, name), "it is missing");
    if (isSound(found)) return found;
    throw damaged(join(folder, name), `it holds no ${holds}`);
  };
  const [trust, certificate, key, ca, seed] = await Promise.all([
    read("trust.json", "keys", () => true),
    read("client.pem", "certificate", isCertificate),
    read("client_key.pem", "private key", (text) => privateKeyIn(text) !== undefined),
    read("ca.pem", "certificate", isCertificate),
    read("signing_key", "key", (text) => /^[0-9a-f]{64}\s*$/.test(text)),
  ]);
  return {
    about: parse(about, text, join(folder, "identity.json")),
    bundleKeys: parse(trusted, trust, join(folder, "trust.json")).bundle_keys,
    certificate,
    key,
    ca,
    seed: new Uint8Array(Buffer.from(seed, "hex")),
  };
}

/** The identity itself is written last: half an enrolment is none. */
export async function writeIdentity(home: string, identity: Identity): Promise<void> {
  const folder = paths(home).identity;
  const write = (name: string, text: string) => writeAtomically(files, join(folder, name), text);
  await files.rm(join(folder, "identity.json"), { force: true });
  await files.rm(join(folder, "floor.json"), { force: true });
  await files.rm(join(folder, "secret_proof_key"), { force: true });
  await secretProofKey(home);
  await write("client_key.pem", identity.key);
  await write("client.pem", identity.certificate);
  await write("ca.pem", identity.ca);
  await write("signing_key", Buffer.from(identity.seed).toString("hex"));
  await writeTrust(home, identity.bundleKeys);
  await write("identity.json", `${JSON.stringify(identity.about, null, 2)}\n`);
}

export const writeTrust = (home: string, keys: readonly BundleKey[]): Promise<void> =>
  writeAtomically(
    files,
    join(paths(home).identity, "trust.json"),
    `${JSON.stringify({ bundle_keys: keys }, null, 2)}\n`,
  );

/** What hashes of secrets are keyed with, so that nobody guesses at them; made when this machine enrols, or when it is missed. */
export async function secretProofKey(home: string): Promise<Uint8Array> {
  const path = join(paths(home).identity, "secret_proof_key");
  const known = await ifThere(files.readFile(path, "utf8"));
  if (known !== undefined && /^[0-9a-f]{64}$/.test(known))
    return new Uint8Array(Buffer.from(known, "hex"));
  const made = randomBytes(32);
  await writeAtomically(files, path, made.toString("hex"));
  return new Uint8Array(made);
}

/**
 * A renewed certificate with its key, and whom to trust from now on; one file at a time, as either works with what was there
 * before: a server names its next CA long before it shows it.
 */
export async function writeCertificate(
  home: string,
  { certificate, key, ca }: Pick<Identity, "certificate" | "key"> & { readonly ca?: string },
): Promise<void> {
  const folder = paths(home).identity;
  if (ca !== undefined) await writeAtomically(files, join(folder, "ca.pem"), ca);
  await writeAtomically(files, join(folder, "renewed.pem"), `${key}\n${certificate}`);
  await writeAtomically(files, join(folder, "client_key.pem"), key);
  await writeAtomically(files, join(folder, "client.pem"), certificate);
  await files.rm(join(folder, "renewed.pem"), { force: true });
}

/** Finishes a renewal that was cut in the middle: a key without its certificate opens no connection. */
export async function finishRenewal(home: string): Promise<void> {
  const renewed = await ifThere(files.readFile(join(paths(home).identity, "renewed.pem"), "utf8"));
  if (renewed === undefined) return;
  const at = renewed.indexOf("-----BEGIN CERTIFICATE-----");
  const [certificate, key] = [renewed.slice(at), renewed.slice(0, at).trimEnd()];
  await writeCertificate(home, { certificate, key });
}

/** The newest (version, issued) that was ever accepted. */
export async function readFloor(home: string): Promise<Floor> {
  const path = join(paths(home).identity, "floor.json");
  const text = await ifThere(files.readFile(path, "utf8"));
  if (text === undefined) return { policyVersion: 0n, issuedAtMs: 0n };
  const { policy_version, issued_at_ms } = parse(floor, text, path);
  return { policyVersion: BigInt(policy_version), issuedAtMs: BigInt(issued_at_ms) };
}

export const writeFloor = (home: string, { policyVersion, issuedAtMs }: Floor): Promise<void> =>
  writeAtomically(
    files,
    join(paths(home).identity, "floor.json"),
    `${JSON.stringify({ policy_version: `${policyVersion}`, issued_at_ms: `${issuedAtMs}` })}\n`,
  );

export const linkIdentity = (identity: Identity): LinkIdentity => ({
  envoyId: identity.about.envoy_id,
  serverId: identity.about.server_id,
  servers: identity.about.servers,
  certificate: identity.certificate,
  key: identity.key,
  ca: identity.ca,
  seed: identity.seed,
});

export const trustedKeys = (bundleKeys: readonly BundleKey[]): ReadonlyMap<string, VerifyKey> =>
  new Map(
    bundleKeys.map(({ id, public_key }) => [
      id,
      verifyKey(new Uint8Array(Buffer.from(public_key, "base64"))),
    ]),
  );

/** For commands that make no sense before enrolment. */
export async function mustHaveIdentity(home: string): Promise<Identity> {
  const identity = await readIdentity(home);
  if (identity !== undefined) return identity;
  throw new VigoError(
    "missing",
    `this machine is not enrolled (nothing in ${paths(home).identity})`,
    {
      hint: "vigo agent bootstrap --server HOST:8443 --token TOKEN, or vigo agent apply STACKS without a server",
    },
  );
}

function parse<T>(shape: Shape<T>, text: string, path: string): T {
  try {
    return shaped(shape, text);
  } catch (cause) {
    throw damaged(
      path,
      `it cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    );
  }
}

const damaged = (path: string, why: string, cause?: unknown) =>
  new VigoError("failed", `${path}: ${why}`, {
    hint: "restore it from a backup, or enrol this machine anew: vigo agent bootstrap --force",
    cause,
  });
