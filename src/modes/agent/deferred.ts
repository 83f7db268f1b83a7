/**
 * An enrolment that is put off until the agent first runs: what an image carries that many machines are made of. Each of them makes
 * keys of its own. Must not know how a machine enrols.
 */
import * as files from "node:fs/promises";
import { z } from "zod";
import { VigoError } from "../../core/errors.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { writeAtomically } from "../../core/write-file.ts";
import type { Invitation } from "./enrol-patiently.ts";
import { paths } from "./home.ts";

const shape = z.strictObject({
  api: z.string(),
  token: z.string(),
  hostname: z.string().exactOptional(),
});

/** Rejects with `conflict` on a machine that has an identity: a copy of it would be two machines with one. */
export async function defer(home: string, invitation: Invitation): Promise<void> {
  if ((await ifThere(files.stat(`${paths(home).identity}/identity.json`))) !== undefined)
    throw new VigoError(
      "conflict",
      "this machine is enrolled already, and so would its copies be",
      {
        hint: "vigo agent uninstall --purge, then try again",
      },
    );
  await writeAtomically(files, paths(home).deferred, JSON.stringify(invitation));
}

/** Undefined when there is nothing to do. Rejects with `failed` for a file that was damaged. */
export async function deferred(home: string): Promise<Invitation | undefined> {
  const text = await ifThere(files.readFile(paths(home).deferred, "utf8"));
  if (text === undefined) return undefined;
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    throw new VigoError("failed", `${paths(home).deferred} cannot be read`, {
      hint: "enrol by hand: vigo agent bootstrap --server HOST:8443 --token TOKEN",
      cause,
    });
  }
}

/** The token is not kept any longer than it is needed. */
export const undefer = (home: string): Promise<void> =>
  files.rm(paths(home).deferred, { force: true });
