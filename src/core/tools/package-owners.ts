/** Which package a file came with: dpkg-query(1), rpm(8), apk(8), pacman(8). Must not know why anybody asks. */
import type { ReadHost } from "../host.ts";
import { databaseOf } from "./installed-packages.ts";

const mostPaths = 2_000;

/** Packages by path, without those that are nobody's. */
export async function ownersOf(
  host: ReadHost,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const database = databaseOf(host);
  if (database === undefined || paths.length === 0) return new Map();
  // rpm says nothing on stdout about a file that is gone, and its lines would be taken for those of others.
  const stats = await Promise.all(paths.slice(0, mostPaths).map((path) => host.stat(path)));
  const asked = paths.filter((_, at) => stats[at] !== undefined);
  if (asked.length === 0) return new Map();
  const argv = { dpkg: dpkg(asked), rpm: rpm(asked), apk: apk(asked), pacman: pacman(asked) }[
    database
  ];
  // The exit code says that one of them belongs to no package, which is no failure.
  const { stdout } = await host.query({ argv, timeoutMs: 25_000 });
  const found = { dpkg: parseDpkg, rpm: parseRpm, apk: parseApk, pacman: parsePacman }[database](
    stdout,
    asked,
  );
  return new Map([...found].filter(([path]) => paths.includes(path)));
}

/** Since /bin is a link to /usr/bin, packages may still have it under the old name. */
const withoutUsr = (path: string) => path.replace(/^\/usr\/(bin|sbin|lib\w*)\//, "/$1/");

const dpkg = (paths: readonly string[]) => [
  "dpkg-query",
  "-S",
  "--",
  ...new Set(paths.flatMap((path) => [path, withoutUsr(path)])),
];
const rpm = (paths: readonly string[]) => ["rpm", "-q", "--qf", "%{NAME}\\n", "-f", "--", ...paths];
const apk = (paths: readonly string[]) => ["apk", "info", "-W", "--", ...paths];
const pacman = (paths: readonly string[]) => ["pacman", "-Qo", "--", ...paths];

type Owners = ReadonlyMap<string, string>;

/** `package:arch, package: path`; what was diverted has lines of another form. */
export const parseDpkg = (printed: string, paths: readonly string[]): Owners => {
  const old = new Map(paths.map((path) => [withoutUsr(path), path]));
  const rows = [
    ...printed.matchAll(/^([a-z0-9][^\s:,]*)(?::\w+)?(?:, [^:]+(?::\w+)?)*: (\/.*)$/gm),
  ];
  return new Map(rows.map(([, name = "", path = ""]) => [old.get(path) ?? path, name]));
};

/** A line a path, in their order; of nobody's: `file … is not owned by any package`. */
export const parseRpm = (printed: string, paths: readonly string[]): Owners => {
  const lines = printed.trim().split("\n");
  return new Map(
    paths.flatMap((path, at) => {
      const name = lines[at] ?? "";
      return name === "" || /\s/.test(name) ? [] : [[path, name] as const];
    }),
  );
};

/** `/path is owned by name-version-rN`. */
export const parseApk = (printed: string, _: readonly string[]): Owners =>
  new Map(
    [...printed.matchAll(/^(\/.*?) (?:symlink target )?is owned by (\S+)-[^-\s]+-r\d+$/gm)].map(
      ([, path = "", name = ""]) => [path, name],
    ),
  );

/** `/path is owned by name version`. */
export const parsePacman = (printed: string, _: readonly string[]): Owners =>
  new Map(
    [...printed.matchAll(/^(\/.*) is owned by (\S+) \S+$/gm)].map(([, path = "", name = ""]) => [
      path,
      name,
    ]),
  );
