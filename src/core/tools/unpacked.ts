/** The note that says what was unpacked into a folder: JSON beside it. Must not know archives. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { jsonIn } from "../text/json-in.ts";

export interface Unpacked {
  /** Of the archive, in lower-case hex. */
  readonly sha256: string;
  /** Files, links and folders, relative to the folder. */
  readonly names: readonly string[];
}

const most = 64 * 1024 * 1024;

/** Undefined where nothing was unpacked. A note is trusted no further than a name inside the folder. */
export async function readUnpacked(host: ReadHost, path: string): Promise<Unpacked | undefined> {
  const found = await host.read(path, { limit: most });
  if (found === undefined) return undefined;
  const note = jsonIn(new TextDecoder().decode(found));
  if (isUnpacked(note)) return note;
  throw new VigoError("failed", `${path} is damaged`, {
    hint: "remove it by hand; the next run unpacks again",
  });
}

function isUnpacked(note: unknown): note is Unpacked {
  if (typeof note !== "object" || note === null || !("sha256" in note) || !("names" in note))
    return false;
  const { sha256, names } = note;
  return typeof sha256 === "string" && Array.isArray(names) && names.every(isInside);
}

const isInside = (name: unknown) =>
  typeof name === "string" &&
  name !== "" &&
  !name.startsWith("/") &&
  !name.split("/").includes("..");

export const writeUnpacked = (host: Host, path: string, note: Unpacked): Promise<void> =>
  host.write(path, new TextEncoder().encode(`${JSON.stringify(note)}\n`), {
    mode: 0o600,
    snapshot: false,
  });
