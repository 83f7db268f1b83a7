/**
 * LMDB's native addon inside a compiled program. The build (`scripts/lmdb-plugin.ts`) puts another module in the place of this
 * one, which embeds the target's addon; run from source, lmdb finds its own. Must not know who loads it.
 */

export interface EmbeddedAddon {
  /** Where the program's own file system has it. */
  readonly file: string;
  /** sha256 of its bytes, hex. */
  readonly digest: string;
  readonly bytes: number;
}

export const embeddedAddon: EmbeddedAddon | undefined = undefined as EmbeddedAddon | undefined;
