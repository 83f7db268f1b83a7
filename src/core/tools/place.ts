/** What a path and its accounts come after. Must not know types: claims are texts. */
import { dirname, resolve } from "node:path/posix";

/**
 * Claims of every folder above, and of owner and group: whoever has them comes first. A new account brings a group of its own name.
 */
export function placeFollows(
  path: string,
  { owner, group }: { readonly owner?: string; readonly group?: string } = {},
): readonly string[] {
  const named = (kind: string, name: string | undefined) =>
    name === undefined || /^\d+$/.test(name) ? [] : [`${kind}:${name}`];
  return [
    ...foldersAbove(path),
    ...named("user", owner),
    ...named("group", group),
    ...named("user", group === owner ? undefined : group),
  ];
}

/** Claims of what a link leads to. */
export function aimOf(link: string, to: string): readonly string[] {
  const aim = resolve(dirname(link), to);
  return [`file:${aim}`, `archive:${aim}`];
}

function foldersAbove(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "");
  let claim = "file:";
  return parts.slice(0, -1).map((part) => (claim += `/${part}`));
}

/** What is mounted on a folder above is to be there first. */
export const mountsAbove = (path: string): readonly string[] =>
  foldersAbove(path).map((id) => id.replace(/^file:/, "mount:"));
