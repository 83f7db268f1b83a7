/** What a backup says of itself: `backup.json` in its folder, written last. Must not know how one is made or restored. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { VigoError } from "../../../core/errors.ts";
import { errno } from "../../../core/publish/errno.ts";

export const manifestName = "backup.json";

/** Of the copied database, in the folder of the backup. */
export const databaseName = "vigo.db";

const path = z
  .string()
  .max(4_096)
  .refine((text) => !text.startsWith("/") && !text.split("/").includes(".."));

const manifest = z.object({
  format: z.literal(1),
  made_at: z.string().max(40),
  /** Of the vigo that made it. */
  version: z.string().max(100),
  server_id: z.string().max(100),
  files: z.record(
    path,
    z.object({
      sha256: z.string().length(64),
      bytes: z.int().min(0),
      mode: z.int().min(0).max(0o777),
    }),
  ),
  /** Their modes. */
  folders: z.record(path, z.int().min(0).max(0o777)),
  /** What a symbolic link says. */
  links: z.record(path, z.string().min(1).max(4_096)),
  /** Files that settings or links name and the home does not hold: they are not in the backup. */
  elsewhere: z.array(z.string().max(4_096)),
});

export type Manifest = z.output<typeof manifest>;

/** Rejects with `invalid` for a folder that holds no whole backup. */
export async function readManifest(folder: string): Promise<Manifest> {
  try {
    return manifest.parse(JSON.parse(await readFile(join(folder, manifestName), "utf8")));
  } catch (cause) {
    if (
      errno(cause) === undefined &&
      !(cause instanceof z.ZodError || cause instanceof SyntaxError)
    )
      throw cause;
    throw new VigoError("invalid", `${folder} holds no whole backup`, {
      hint: "name a folder that vigo cli db backup has made",
      cause,
    });
  }
}
