/**
 * What a run notes for a later one about something that a resource claims: a file each, in a folder only the agent may enter. Must not
 * know what is noted.
 */
import { createHash } from "node:crypto";
import * as files from "node:fs/promises";
import { join } from "node:path";
import type { Host } from "../../../core/host.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { writeAtomically } from "../../../core/write-file.ts";

export function notesIn(folder: string): Required<Pick<Host, "note" | "noted">> {
  const pathOf = (claim: string) => join(folder, nameOf(claim));
  return {
    noted: (claim) => ifThere(files.readFile(pathOf(claim), "utf8")),
    note: (claim, text) =>
      text === undefined
        ? files.rm(pathOf(claim), { force: true })
        : writeAtomically(files, pathOf(claim), text),
  };
}

const longestName = 200;

/** To be read by people, as long as file systems take it. */
function nameOf(claim: string): string {
  const name = encodeURIComponent(claim);
  if (name.length <= longestName) return name;
  return createHash("sha256").update(claim).digest("hex");
}
