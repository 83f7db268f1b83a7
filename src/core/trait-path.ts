/**
 * The way to a value inside a trait section, as people write it: `os.distro`, `disks[0].size_mb`, `installed.libc6:i386`.
 * Must not know sections, nor where they are kept.
 */
import type { Json } from "./json.ts";

/** What stands there; undefined: nothing does. A name that has a dot in it is found before one that ends at the dot. */
export function valueAt(value: Json, path: string): Json | undefined {
  if (path === "") return value;
  const index = /^\[(\d{1,9})\](?:\.|(?=\[)|$)/.exec(path);
  if (index !== null) {
    const item = Array.isArray(value) ? (value as readonly Json[])[Number(index[1])] : undefined;
    return item === undefined ? undefined : valueAt(item, path.slice(index[0].length));
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  for (const [name, rest] of splits(path)) {
    if (!Object.hasOwn(value, name)) continue;
    const found = valueAt((value as Readonly<Record<string, Json>>)[name] as Json, rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every place where the first name may end, the longest name first. */
function splits(path: string): readonly (readonly [string, string])[] {
  const all: (readonly [string, string])[] = [[path, ""]];
  for (let at = path.length - 1; at > 0; at--) {
    if (path[at] === ".") all.push([path.slice(0, at), path.slice(at + 1)]);
    else if (path[at] === "[") all.push([path.slice(0, at), path.slice(at)]);
  }
  return all;
}

/** Every leaf with the way to it, in the order of the value; an empty list or map is a leaf. */
export function leaves(value: Json, path = ""): readonly (readonly [string, Json])[] {
  if (value === null || typeof value !== "object") return [[path, value]];
  const inside: readonly (readonly [string, Json])[] = Array.isArray(value)
    ? (value as readonly Json[]).map((item, at) => [`${path}[${at}]`, item])
    : Object.entries(value).map(([name, item]) => [path === "" ? name : `${path}.${name}`, item]);
  return inside.length === 0 ? [[path, value]] : inside.flatMap(([at, item]) => leaves(item, at));
}
