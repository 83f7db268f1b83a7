/** What labs make once and keep outside of the repository, and what of Debian it takes. Must not know what is made. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { outside } from "./outside.ts";

/** Where a thing is kept, under the hash of what it is made of. */
export function cachePath(name: string, ingredients: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(ingredients));
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vigo-lab");
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}-${hash.digest("hex").slice(0, 12)}`);
}

/** A folder that is there complete or not at all, also when two make it at the same time. */
export function folderIn(path: string, make: (folder: string) => void): string {
  if (existsSync(path)) return path;
  const building = `${path}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  make(building);
  return finished(building, path);
}

/** The first that is ready stays. */
export function finished(building: string, path: string): string {
  if (existsSync(path)) rmSync(building, { recursive: true });
  else renameSync(building, path);
  return path;
}

/** Installs what this machine lacks. `tools` are Debian packages by the command that comes with them. */
export function needTools(tools: Readonly<Record<string, string>>): void {
  const names = Object.entries(tools).flatMap(([command, name]) =>
    hasTool(command) ? [] : [name],
  );
  if (names.length === 0) return;
  const apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"];
  outside(...apt, "update");
  outside(...apt, "install", "--no-install-recommends", ...names);
}

const hasTool = (command: string) =>
  ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((folder) => existsSync(`${folder}/${command}`));
