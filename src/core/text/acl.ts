/** Entries of access control lists as people write them (acl(5)). Must not know accounts, nor files. */

export interface AclEntry {
  readonly kind: "user" | "group" | "mask" | "other";
  /** A name or a number; empty for the owner, the owning group, and what has none. */
  readonly name: string;
  /** Three signs, `r-x`; the last is `X` where only folders and programs get it. Undefined where none were written. */
  readonly permissions: string | undefined;
}

export const aclEntry =
  /^(?:(?:u|user|g|group):[^:\s]*|(?:m|mask|o|other):?)(?::(?:[rwxX-]{1,3}|[0-7]))?$/;

const kinds = { u: "user", g: "group", m: "mask", o: "other" } as const;

export function parseAclEntry(written: string): AclEntry {
  const [word = "", name = "", last] = written.split(":");
  const permissions = written.split(":").length > 2 ? last : undefined;
  const short = word[0];
  const kind =
    short === "u" || short === "g" || short === "m" || short === "o" ? kinds[short] : "other";
  return {
    kind,
    name,
    permissions: permissions === undefined ? undefined : threeSigns(permissions),
  };
}

function threeSigns(written: string): string {
  const digit = /^[0-7]$/.test(written) ? Number(written) : undefined;
  const has = (sign: string, bit: number) =>
    digit === undefined ? written.includes(sign) : (digit & bit) !== 0;
  const run = written.includes("X") ? "X" : has("x", 1) ? "x" : "-";
  return `${has("r", 4) ? "r" : "-"}${has("w", 2) ? "w" : "-"}${run}`;
}

/** What both allow. */
export const permissionsIn = (permissions: string, mask: string): string =>
  [...permissions].map((sign, at) => (mask[at] === "-" ? "-" : sign)).join("");
