/** Puts a program where newcomers of its platform find it. Must not know who fetches it. */
import { chmod, constants, copyFile, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { VigoError } from "../../../core/errors.ts";
import type { Home } from "../home.ts";
import { leaveToOwner } from "../owner.ts";
import { targetOf } from "./programs.ts";

export interface AddedDownload {
  readonly target: string;
  readonly file: string;
}

/** First bytes of an executable, by what its target begins with. */
const beginnings: Readonly<Record<string, readonly string[]>> = {
  linux: ["7f454c46"],
  darwin: ["cffaedfe", "cafebabe"],
  windows: ["4d5a"],
};

/** Rejects with `invalid` when its name says no target, or its content is for another system. */
export async function addDownload(
  home: Pick<Home, "folder" | "downloads">,
  file: string,
): Promise<AddedDownload> {
  const name = basename(file);
  const target = targetOf(name);
  if (target === undefined)
    throw new VigoError("invalid", `${name} does not say what it is for`, {
      hint: "its name is vigo-TARGET, like vigo-linux-arm64 or vigo-windows-x64.exe",
    });
  await assertProgram(file, target);
  const { downloads } = home;
  if ((await mkdir(downloads, { recursive: true, mode: 0o700 })) !== undefined)
    await leaveToOwner(home, downloads);
  const [draft, place] = [join(downloads, `.${name}.new`), join(downloads, name)];
  await rm(draft, { force: true });
  await copyFile(file, draft, constants.COPYFILE_EXCL);
  await chmod(draft, 0o755);
  await leaveToOwner(home, draft);
  await rename(draft, place);
  return { target, file: place };
}

async function assertProgram(file: string, target: string): Promise<void> {
  const [system = ""] = target.split("-");
  const wanted = beginnings[system];
  if (wanted === undefined)
    throw new VigoError("invalid", `there are no agents for ${system}`, {
      hint: `targets begin with ${Object.keys(beginnings).join(", ")}`,
    });
  const begins = await firstBytes(file);
  if (wanted.some((hex) => begins.startsWith(hex))) return;
  throw new VigoError("invalid", `${file} is no program for ${system}`);
}

async function firstBytes(file: string): Promise<string> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new VigoError("missing", `there is no ${file}`);
    throw error;
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead).toString("hex");
  } finally {
    await handle.close();
  }
}
