/** A pause of enforcement, as a file: it outlives the daemon and ends by itself. Must not know what is paused. */
import * as files from "node:fs/promises";
import { z } from "zod";
import { VigoError } from "../../core/errors.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { jsonIn } from "../../core/text/json-in.ts";
import { writeAtomically } from "../../core/write-file.ts";
import { paths } from "./home.ts";

const kept = z.strictObject({ until: z.iso.datetime(), reason: z.string() });

export type Pause = z.output<typeof kept>;

/** The pause that still holds. */
export async function readPause(home: string, now: Date): Promise<Pause | undefined> {
  const path = paths(home).pause;
  const text = await ifThere(files.readFile(path, "utf8"));
  if (text === undefined) return undefined;
  const { data } = kept.safeParse(jsonIn(text));
  if (data === undefined)
    throw new VigoError("failed", `${path} cannot be read`, { hint: "vigo agent resume" });
  return Date.parse(data.until) > now.getTime() ? data : undefined;
}

export async function pauseUntil(home: string, now: Date): Promise<Date | undefined> {
  const pause = await readPause(home, now);
  return pause && new Date(pause.until);
}

export const writePause = (home: string, pause: Pause): Promise<void> =>
  writeAtomically(files, paths(home).pause, `${JSON.stringify(pause)}\n`);

export const endPause = (home: string): Promise<void> =>
  files.rm(paths(home).pause, { force: true });
