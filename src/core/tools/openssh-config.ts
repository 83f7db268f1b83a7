/** Configuration of OpenSSH with the files it includes. Must not know which setting is wanted. */
import type { ReadHost } from "../host.ts";
import { matchesGlob } from "../text/glob.ts";
import { type Lines, parseLines } from "../text/lines.ts";
import { type ConfigPlace, includesOf, isReached } from "../text/openssh-config.ts";
import { fileText } from "./file-text.ts";

const deepest = 16;

/** Is this a file that sshd or ssh reads? */
export const isOpensshConfig = (path: string): boolean =>
  /\/sshd?_config(?:\.d\/[^/]+)?$/.test(path);

/** The target with all that is read with it, from where the program starts. */
export async function configPlace(host: ReadHost, target: string): Promise<ConfigPlace> {
  const start = target.replace(/(_config)\.d\/[^/]+$/, "$1");
  const files = new Map<string, Lines>([[target, parseLines("")]]);
  for (const path of [target, start]) await gather(host, path, files, 0);
  const place = { files, root: start, target };
  return isReached(place) ? place : { ...place, root: target };
}

async function gather(host: ReadHost, path: string, files: Map<string, Lines>, depth: number) {
  if (depth > deepest || (files.has(path) && depth > 0)) return;
  const text = await fileText(host, path);
  if (text === undefined) return;
  const doc = parseLines(text);
  files.set(path, doc);
  for (const pattern of includesOf(doc))
    for (const found of await expanded(host, pattern)) await gather(host, found, files, depth + 1);
}

/** As glob(7) finds them: in every part of a path, and names that begin with a dot only where they are asked for. */
async function expanded(host: ReadHost, pattern: string): Promise<readonly string[]> {
  let found: readonly string[] = [""];
  for (const part of pattern.split("/").slice(1))
    found = /[*?[]/.test(part)
      ? (await Promise.all(found.map((folder) => below(host, folder, part)))).flat()
      : found.map((folder) => `${folder}/${part}`);
  return found;
}

async function below(host: ReadHost, folder: string, part: string): Promise<readonly string[]> {
  const names = (await host.list(folder === "" ? "/" : folder)) ?? [];
  return names
    .filter((name) => matchesGlob(part, name) && (part.startsWith(".") || !name.startsWith(".")))
    .map((name) => `${folder}/${name}`);
}

/** Proves the new file where sshd is there; that it has no keys yet, or never ran, says nothing about the file. */
export async function sshdProof(host: ReadHost, path: string): Promise<string | undefined> {
  const sshd = "/usr/sbin/sshd";
  if (!path.includes("/sshd_config") || (await host.stat(sshd)) === undefined) return undefined;
  const fine = '*"no hostkeys available"*|*"privilege separation directory"*) ;;';
  return `said=$(${sshd} -t -f % 2>&1) || case "$said" in ${fine} *) echo "$said" >&2; exit 1;; esac # sshd -t`;
}
