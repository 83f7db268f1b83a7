/** Owner, group and mode of the files that belong to one resource. Must not know what is in them, nor the words for them. */
import type { Host, ReadHost } from "../host.ts";
import {
  attributeDifferences,
  type Difference,
  mendAttributes,
  type WantedAttributes,
} from "./attributes.ts";

export interface FileRights {
  readonly path: string;
  /** Put before the name of a field in a report. */
  readonly label: string;
  readonly wanted: WantedAttributes;
}

const fresh = { mode: 0o644, isFolder: false };

/** Of the files that are there; those to come are made right. */
export async function rightsDifferences(
  host: ReadHost,
  files: readonly FileRights[],
): Promise<readonly Difference[]> {
  const all: Difference[] = [];
  for (const { path, label, wanted } of files) {
    const there = await host.stat(path, { follow: true });
    if (there === undefined) continue;
    for (const found of await attributeDifferences(host, wanted, there, fresh))
      all.push({ ...found, field: `${label}${found.field}` });
  }
  return all;
}

export async function mendRights(host: Host, files: readonly FileRights[]): Promise<void> {
  for (const { path, wanted } of files) {
    const there = await host.stat(path, { follow: true });
    if (there === undefined) continue;
    const wrong = await attributeDifferences(host, wanted, there, fresh);
    const fields = new Set(wrong.map(({ field }) => field));
    if (fields.size > 0) await mendAttributes(host, path, wanted, there, fields);
  }
}
