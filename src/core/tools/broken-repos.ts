/** Package sources in use whose lists are not there: never fetched, or lost. Must not know packages. */
import type { ReadHost } from "../host.ts";
import type { DatabaseName } from "./installed-packages.ts";
import { type PackageSource, packageSources } from "./package-sources.ts";

/** Their addresses and suites; empty where the manager keeps no list that could be missing. */
export async function brokenRepos(
  host: ReadHost,
  database: DatabaseName,
): Promise<readonly string[]> {
  const sources = ((await packageSources(host)) ?? []).filter(({ enabled }) => enabled);
  const lists = await listsOf(host, database);
  if (lists === undefined) return [];
  const broken = sources.filter((source) => !lists(source));
  return [...new Set(broken.map(({ url, suite }) => `${url} ${suite}`.trim()))];
}

type HasList = (source: PackageSource) => boolean;

async function listsOf(host: ReadHost, database: DatabaseName): Promise<HasList | undefined> {
  if (database === "dpkg") return aptLists((await host.list("/var/lib/apt/lists")) ?? []);
  if (database === "pacman") {
    const names = (await host.list("/var/lib/pacman/sync")) ?? [];
    return ({ suite }) => names.includes(`${suite}.db`);
  }
  if (database === "apk") return undefined;
  const dnf = await Promise.all(
    ["/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/zypp/raw"].map((it) => host.list(it)),
  );
  const names = dnf.flatMap((found) => found ?? []);
  return ({ suite }) => names.some((name) => name === suite || isCacheOf(name, suite));
}

/** dnf adds a checksum of the address. */
const isCacheOf = (name: string, suite: string) =>
  name.startsWith(`${suite}-`) && /^[0-9a-f]{16}$/.test(name.slice(suite.length + 1));

/**
 * apt names a list by its address without the scheme, slashes as underscores and what is odd as %XX. A repository that is one
 * flat folder has a suite that ends with a slash.
 */
const aptLists =
  (names: readonly string[]): HasList =>
  ({ kind, url, suite }) => {
    if (kind !== "deb" && kind !== "deb-src") return true;
    if (/^(?:file|copy|cdrom):/.test(url)) return true;
    const [release = ""] = suite.split(" ");
    const address = url.replace(/^[a-z+]+:\/*/, "").replace(/\/+$/, "");
    const place = release.endsWith("/") ? `${address}/${release}` : `${address}/dists/${release}/`;
    const start = place
      .replace(/\/\.?\/+/g, "/")
      .replaceAll("_", "%5f")
      .replaceAll("/", "_");
    return names.some((name) => name.toLowerCase().startsWith(start.toLowerCase()));
  };
