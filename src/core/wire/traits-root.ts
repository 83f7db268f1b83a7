/**
 * The one hash by which agent and server know that they hold the same kept traits (`hour` and `boot`). Must not know which
 * traits exist, nor how they travel.
 */
import { sha256, sha256Hex } from "../pki/keys.ts";
import type { AnyTraitType } from "../trait.ts";

/** Names of the traits that keep longer than a cycle: the ones the root is made of. */
export const keptTraits = (registry: readonly AnyTraitType[]): ReadonlySet<string> =>
  new Set(registry.filter((trait) => trait.keep !== "run").map((trait) => trait.name));

/** Of one section: sha256 of its canonical JSON, hex. */
export const sectionHash = (canonical: Uint8Array | string): string => sha256Hex(canonical);

/** Of a section that this machine has nothing for. */
export const absentHash = sectionHash("null");

/**
 * 32 bytes over `name`, a zero byte, the section's hash and a newline, for each section in bytewise order of the names. Absent
 * sections are left out, so that it does not matter whether an agent tells of them.
 */
export function traitsRoot(hashes: Iterable<readonly [name: string, hash: string]>): Uint8Array {
  const lines = [...hashes]
    .filter(([, hash]) => hash !== absentHash)
    .map(([name, hash]) => `${name}\0${hash}\n`);
  return sha256(lines.sort().join(""));
}
