/**
 * What no resource may take away on this very machine: where Vigo lives, and where that really is when a link leads there. Must not
 * know what resources do.
 */
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { ownPaths } from "../../core/policy/guardrails.ts";
import { errno } from "../../core/publish/errno.ts";

export async function ownPlaces(home: string): Promise<readonly string[]> {
  const named = [...ownPaths, resolve(home), process.execPath];
  const real = await Promise.all(named.map(behind));
  return [...new Set([...named, ...real.filter((path) => path !== undefined)])];
}

/** Where a path leads; undefined where it leads nowhere, or this user may not look. */
async function behind(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errno(error) === undefined) throw error;
    return undefined;
  }
}
