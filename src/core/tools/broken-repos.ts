/** Package sources in use whose lists are not there: never fetched, or lost. Must not know packages. */
import type { ReadHost } from "../host.ts";
import { listPrefix, listsFolder } from "./apt-lists.ts";
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
  if (database === "dpkg") return aptHas((await host.list(listsFolder)) ?? []);
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

const aptHas =
  (names: readonly string[]): HasList =>
  ({ kind, url, suite }) => {
    if (kind !== "deb" && kind !== "deb-src") return true;
    if (/^(?:file|copy|cdrom):/.test(url)) return true;
    const prefix = listPrefix({ url, suite });
    return names.some((name) => name.toLowerCase().startsWith(prefix));
  };
