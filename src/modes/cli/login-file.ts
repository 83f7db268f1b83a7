/** What `vigo cli login` keeps: `~/.config/vigo/login.json`, 0600. Must not know how a login is made or used. */
import files, { chmod, readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { VigoError } from "../../core/errors.ts";
import { errno, ifThere } from "../../core/publish/errno.ts";
import { writeAtomically } from "../../core/write-file.ts";

const login = z.object({
  /** `https://vigo.example.org:8443` */
  server: z.string(),
  token: z.string(),
  /** The CA that was pinned, PEM. */
  ca: z.string(),
  expires_at: z.string(),
});

export type Login = z.output<typeof login>;

export function loginFile(env: Readonly<Record<string, string | undefined>>): string {
  const folder = env["XDG_CONFIG_HOME"] || join(env["HOME"] || ownHome(), ".config");
  return join(folder, "vigo", "login.json");
}

/** A user id without an account, as in containers, is at home in `/`. */
function ownHome(): string {
  try {
    return homedir();
  } catch (error) {
    if (errno(error) === "ENOENT") return "/";
    throw error;
  }
}

/** Undefined when nobody has logged in, and where the folder is another user's, as after `sudo -u vigo`. */
export async function readLogin(file: string): Promise<Login | undefined> {
  const text = await readIfAllowed(file);
  if (text === undefined) return undefined;
  const read = login.safeParse(parsed(text, file));
  if (read.success) return read.data;
  throw damaged(file, read.error);
}

export async function writeLogin(file: string, kept: Login): Promise<void> {
  await writeAtomically(files, file, `${JSON.stringify(kept, undefined, 2)}\n`);
  await chmod(dirname(file), 0o700);
}

export const forgetLogin = (file: string): Promise<void> => rm(file, { force: true });

async function readIfAllowed(file: string): Promise<string | undefined> {
  try {
    return await readIfThere(file);
  } catch (error) {
    if (errno(error) === "EACCES") return undefined;
    throw error;
  }
}

/** The text of a file, or undefined where there is none. */
export const readIfThere = (file: string): Promise<string | undefined> =>
  ifThere(readFile(file, "utf8"));

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(file, cause);
  }
}

const damaged = (file: string, cause: unknown) =>
  new VigoError("failed", `${file} cannot be read`, { hint: "vigo cli login", cause });
