/**
 * How one key that signs bundles follows another: the former signs the next one's public half, for this server. Who trusts one of a
 * chain can follow it to its end, however long it was away. Must not know where keys are kept.
 */
import { keyId, sign, type SigningKey, verify, verifyKey } from "../pki/keys.ts";

export interface Succession {
  /** Id of the key that signed it. */
  readonly fromKeyId: string;
  /** Of the key that follows, 32 raw bytes. */
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** "vigo.v1.bundle_key", 0, server id, 0, id of the former key, 0, public key. */
const message = (serverId: string, from: string, publicKey: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(["vigo.v1.bundle_key", serverId, from, ""].join("\0")), publicKey]);

export const succeededBy = (
  serverId: string,
  { id, key }: { readonly id: string; readonly key: SigningKey },
  publicKey: Uint8Array,
): Succession => ({
  fromKeyId: id,
  publicKey,
  signature: sign(message(serverId, id, publicKey), key),
});

/** Public keys (raw) of those that are to be trusted as well, in order; a link that was not signed by one that is trusted is none. */
export function followed(
  serverId: string,
  trusted: ReadonlyMap<string, Uint8Array>,
  chain: readonly Succession[],
): readonly Uint8Array[] {
  const all = new Map(trusted);
  const added: Uint8Array[] = [];
  for (const { fromKeyId, publicKey, signature } of chain) {
    const from = all.get(fromKeyId);
    if (from === undefined || publicKey.length !== 32 || all.has(keyId(publicKey))) continue;
    if (!verify(message(serverId, fromKeyId, publicKey), signature, verifyKey(from))) continue;
    all.set(keyId(publicKey), publicKey);
    added.push(publicKey);
  }
  return added;
}
