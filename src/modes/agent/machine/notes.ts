/**
 * What a run notes for a later one about something that a resource claims: a file each, in a folder only the agent may enter. Must not
 * know what is noted.
 */
import * as files from "node:fs/promises";
import { join } from "node:path";
import type { Host } from "../../../core/host.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import { writeAtomically } from "../../../core/write-file.ts";

export function notesIn(folder: string): Required<Pick<Host, "note" | "noted">> {
  const pathOf = (claim: string) => join(folder, encodeURIComponent(claim));
  return {
    noted: (claim) => ifThere(files.readFile(pathOf(claim), "utf8")),
    note: (claim, text) =>
      text === undefined
        ? files.rm(pathOf(claim), { force: true })
        : writeAtomically(files, pathOf(claim), text),
  };
}
