/**
 * A time in which nothing is published: one file in the server's home, so that it holds with the server down as well. The last one
 * stays there, ended or not, for the server to tell of. Must not know who may set it, nor who asks.
 */
import { z } from "zod";
import { parseDuration } from "../duration.ts";
import { VigoError } from "../errors.ts";
import type { Files } from "../files.ts";
import { writeAtomically } from "../write-file.ts";
import { ifThere } from "./errno.ts";
import { paths } from "./home.ts";

const freeze = z.object({
  until: z.iso.datetime(),
  reason: z.string(),
  actor: z.string(),
  at: z.iso.datetime(),
  /** Ended before its time. */
  lifted: z.object({ actor: z.string(), at: z.iso.datetime() }).exactOptional(),
});

export type Freeze = z.output<typeof freeze>;

/** The last one, in force or not. Rejects with `failed` when the file cannot be read: then nobody knows. */
export async function lastFreeze(files: Files, home: string): Promise<Freeze | undefined> {
  const path = paths(home).freeze;
  const bytes = await ifThere(files.readFile(path));
  if (bytes === undefined) return undefined;
  try {
    return freeze.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    const hint = "vigo cli config freeze writes it anew, vigo cli config unfreeze ends it";
    throw new VigoError("failed", `${path} cannot be read`, { hint, cause });
  }
}

/** Undefined: publishing is open. */
export async function freezeInForce(files: Files, home: string, now: Date) {
  const last = await lastFreeze(files, home);
  return last !== undefined && isInForce(last, now) ? last : undefined;
}

export const isInForce = ({ until, lifted }: Freeze, now: Date): boolean =>
  lifted === undefined && Date.parse(until) > now.getTime();

export async function writeFreeze(files: Files, home: string, kept: Freeze): Promise<void> {
  const text = `${JSON.stringify(kept, undefined, 2)}\n`;
  await writeAtomically(files, paths(home).freeze, text, 0o644);
}

/** Rejects with `missing` when nothing is frozen. A file that cannot be read is replaced: this is the way out of that. */
export async function liftFreeze(files: Files, home: string, actor: string, now: Date) {
  const last = await lastFreeze(files, home).catch((error: unknown) => {
    if (error instanceof VigoError && error.failure === "failed") return unreadable(now);
    throw error;
  });
  if (last === undefined || !isInForce(last, now))
    throw new VigoError("missing", "publishing is not frozen");
  const lifted = { ...last, lifted: { actor, at: now.toISOString() } };
  await writeFreeze(files, home, lifted);
  return lifted;
}

const unreadable = (now: Date): Freeze => ({
  until: new Date(now.getTime() + 1).toISOString(),
  reason: "unknown, its file could not be read",
  actor: "unknown",
  at: now.toISOString(),
});

const longest = 366 * 86_400_000;

/** `3d`, or a moment: ISO 8601, without a zone in the zone of this machine. Throws `invalid`. */
export function freezeEnd(written: string, now: Date): Date {
  const span = parseDuration(written);
  const end = span === undefined ? Date.parse(written) : now.getTime() + span;
  if (Number.isNaN(end))
    throw new VigoError("invalid", `"${written}" is neither a duration nor a moment`, {
      hint: "like 3d, or 2026-12-24T18:00",
    });
  if (end <= now.getTime()) throw new VigoError("invalid", `${written} is over already`);
  if (end - now.getTime() > longest)
    throw new VigoError("invalid", "a freeze lasts a year at most", { hint: "freeze again then" });
  return new Date(end);
}

export const frozen = ({ until, reason, actor }: Freeze): VigoError =>
  new VigoError("conflict", `publishing is frozen until ${until} by ${actor}: ${reason}`, {
    hint: "wait, end it with `vigo cli config unfreeze`, or publish all the same with --force --reason TEXT",
  });
