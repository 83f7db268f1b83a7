/** What `vigo cli login` keeps: `~/.config/vigo/login.json`, 0600. Must not know how a login is made or used. */
import { chmod, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { VigoError } from "../../core/errors.ts";

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
  const folder = env["XDG_CONFIG_HOME"] || join(env["HOME"] || homedir(), ".config");
  return join(folder, "vigo", "login.json");
}

/** Undefined when nobody has logged in. */
export async function readLogin(file: string): Promise<Login | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const read = login.safeParse(parsed(text, file));
  if (read.success) return read.data;
  throw damaged(file, read.error);
}

export async function writeLogin(file: string, kept: Login): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await chmod(dirname(file), 0o700);
  const fresh = `${file}.${process.pid}`;
  const out = await open(fresh, "w", 0o600);
  try {
    await out.writeFile(`${JSON.stringify(kept, undefined, 2)}\n`);
    await out.sync();
  } finally {
    await out.close();
  }
  await rename(fresh, file);
}

export const forgetLogin = (file: string): Promise<void> => rm(file, { force: true });

/** The text of a file, or undefined where there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(file, cause);
  }
}

const damaged = (file: string, cause: unknown) =>
  new VigoError("failed", `${file} cannot be read`, { hint: "vigo cli login", cause });
