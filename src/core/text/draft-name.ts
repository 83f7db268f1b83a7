/**
 * What stands beside a file while it is made, and for ever where that was killed and nobody makes it again: a name that programs which
 * read whole folders pass over. Must not know files.
 */

const mostBytes = 200;

/**
 * Hidden, and as a backup is named: some programs take hidden files too, but go by endings. What a validator looks at keeps its own
 * ending, by which some judge.
 */
export function draftName(name: string, isProven = false): string {
  const bytes = new TextEncoder().encode(name);
  const end =
    bytes.length > mostBytes ? new TextDecoder().decode(bytes.subarray(-mostBytes)) : name;
  return `.vigo-new.${end}${isProven ? "" : "~"}`;
}
