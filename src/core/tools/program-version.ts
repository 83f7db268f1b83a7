/**
 * Versions that programs tell about themselves. A program that has not changed is not asked twice. Must not know any program.
 */
import type { ReadHost } from "../host.ts";

/** By machine: its os is one object for the whole run, whoever wraps the host; and by what the file looked like. */
const known = new Map<string, { readonly stamp: string; readonly said: string }>();
const mostKnown = 200;

/** What `PROGRAM WORDS` prints; undefined where there is no such program, or it fails. */
export async function told(
  host: ReadHost,
  program: string,
  words: readonly string[],
): Promise<string | undefined> {
  const found = await host.stat(program, { follow: true });
  if (found?.kind !== "file" || (found.mode & 0o111) === 0) return undefined;
  const key = [program, ...words].join(" ");
  const stamp = `${found.modified.getTime()}:${found.bytes}:${found.inode ?? ""}`;
  const before = known.get(key);
  if (before?.stamp === stamp) return before.said;
  const argv = [program, ...words];
  const { code, stdout, stderr } = await host.query({ argv, timeoutMs: 4_000 });
  if (code !== 0) return undefined;
  const said = stdout.trim() === "" ? stderr : stdout;
  if (known.size >= mostKnown) known.clear();
  known.set(key, { stamp, said });
  return said;
}

const folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"];
/** Not `/usr/bin`: what stands there for a developer's tool opens a window where that tool is not installed. */
const ofMac = [
  "/opt/homebrew/bin",
  "/usr/local/bin",
  "/Library/Developer/CommandLineTools/usr/bin",
];

const foldersOn = ({ os }: ReadHost) => (os.platform === "darwin" ? ofMac : folders);

/** A program of this name wherever units look for one. */
export const programsNamed = (host: ReadHost, name: string): readonly string[] =>
  foldersOn(host).map((folder) => `${folder}/${name}`);

export interface Wanted {
  /** Names of programs. */
  readonly programs: RegExp;
  readonly ask: readonly string[];
  /** Its first group is the version. */
  readonly version: RegExp;
}

export interface Versions {
  /** By real path: names that lead to one program are one. */
  readonly versions: Record<string, string>;
  /** Of the first program of that name; empty: there is none. */
  by(name: string): string;
}

const most = 50;

/** Undefined where there is no such program. */
export async function versionsIn(host: ReadHost, wanted: Wanted): Promise<Versions | undefined> {
  const paths = await programPaths(host, wanted.programs);
  const named = new Map<string, string>();
  const versions: Record<string, string> = {};
  for (const path of paths) {
    const real = await realPath(host, path);
    const said = real === undefined ? undefined : await told(host, real, wanted.ask);
    const version = wanted.version.exec(said ?? "")?.[1];
    if (real === undefined || version === undefined) continue;
    versions[real] = version;
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!named.has(name)) named.set(name, version);
  }
  if (named.size === 0) return undefined;
  return { versions, by: (name) => named.get(name) ?? "" };
}

async function programPaths(host: ReadHost, names: RegExp): Promise<readonly string[]> {
  const found = await Promise.all(
    foldersOn(host).map(async (folder) =>
      ((await host.list(folder)) ?? [])
        .filter((name) => names.test(name))
        .map((name) => `${folder}/${name}`),
    ),
  );
  return found.flat().slice(0, most);
}

const mostLinks = 10;

/** Of a chain of links, as update-alternatives makes them. */
export async function realPath(host: ReadHost, path: string): Promise<string | undefined> {
  let at = path;
  for (let links = 0; links <= mostLinks; links += 1) {
    const found = await host.stat(at);
    if (found?.kind !== "symlink") return found === undefined ? undefined : at;
    const target = found.target ?? "";
    at = target.startsWith("/") ? target : new URL(target, `file://${at}`).pathname;
  }
  return undefined;
}
