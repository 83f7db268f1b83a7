/** Private keys of the kinds that certificates are made with. Must not know files. */
import { createPrivateKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

export const keyKinds = [
  "ecdsa-p256",
  "ecdsa-p384",
  "ed25519",
  "rsa-2048",
  "rsa-3072",
  "rsa-4096",
] as const;

export type KeyKind = (typeof keyKinds)[number];

const generate = promisify(generateKeyPair);

/** As PKCS #8 in PEM. */
export async function newPrivateKey(kind: KeyKind): Promise<string> {
  const { privateKey } = await generated(kind);
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

function generated(kind: KeyKind): Promise<{ readonly privateKey: KeyObject }> {
  if (kind === "ed25519") return generate("ed25519");
  if (kind === "ecdsa-p256") return generate("ec", { namedCurve: "prime256v1" });
  if (kind === "ecdsa-p384") return generate("ec", { namedCurve: "secp384r1" });
  return generate("rsa", { modulusLength: Number(kind.slice("rsa-".length)) });
}

/** Undefined for what is no private key, or one under a passphrase. */
export function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

/** In the words of `keyKinds` where it is one of them. */
export function kindOf(key: KeyObject): string {
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails: details = {} } = key;
  if (type === "rsa") return `rsa-${details.modulusLength}`;
  if (type !== "ec") return type;
  const curve = details.namedCurve ?? "";
  return curve === "prime256v1" ? "ecdsa-p256" : curve === "secp384r1" ? "ecdsa-p384" : curve;
}
