/**
 * The chain that shows whether an audit log was rewritten: the hash of each entry covers the one before. Whoever has an export can
 * follow it without the server. Must not know where entries are kept.
 */
import { canonicalJson, type Json } from "../json.ts";
import { sha256Hex } from "../pki/keys.ts";

export interface ChainedEntry {
  /** Counts up from 1 without a gap. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Json;
  /** Of the request that asked for it; entries of before requests had names have none, and are hashed without. */
  readonly requestId?: string | null | undefined;
}

export interface Link {
  readonly id: number;
  /** sha256, hex. */
  readonly hash: string;
}

/** What the first entry follows. */
export const chainStart: Link = { id: 0, hash: "" };

/** The hash of an entry that follows one with the hash `before`. */
export const chained = (before: string, entry: ChainedEntry): string => {
  const { id, at, actor, action, subject, detail, requestId } = entry;
  const named = requestId == null ? {} : { request_id: requestId };
  const text = canonicalJson({ id, at, actor, action, subject, detail, ...named });
  return sha256Hex(`${before}\n${text}`);
};

/** Does it come right after, and is it as it was written? */
export const follows = (before: Link, row: ChainedEntry & Link): boolean =>
  row.id === before.id + 1 && row.hash === chained(before.hash, row);
