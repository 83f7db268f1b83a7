/**
 * Where packages come from, as the files of apt, dnf, zypper, apk and pacman say: sources.list(5), dnf.conf(5), zypper(8),
 * apk-repositories(5), pacman.conf(5). Must not know what comes from there.
 */
import type { ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";
import { type DatabaseName, databaseOf } from "./installed-packages.ts";
import {
  parseApkRepositories,
  parseDeb822,
  parseOneLine,
  parsePacmanConf,
  parseRepoFile,
} from "./package-source-files.ts";

export interface PackageSource {
  /** Which package manager reads it. */
  readonly type: "apt" | "dnf" | "zypper" | "apk" | "pacman";
  /** deb, deb-src, rpm, apk, pacman */
  readonly kind: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Without name and password. */
  readonly url: string;
  /** Release and components, or the name of the repository. */
  readonly suite: string;
  readonly enabled: boolean;
  /** The key it has to be signed with: a path, a fingerprint, `yes` for any trusted one, empty for none. */
  readonly signed_by: string;
}

const most = 1_000;

/** Undefined where no package manager is known. */
export async function packageSources(
  host: ReadHost,
): Promise<readonly PackageSource[] | undefined> {
  const database = databaseOf(host);
  if (database === undefined) return undefined;
  const found = await readers[database](host);
  return found.slice(0, most).map((source) => ({
    ...source,
    url: withoutCredentials(source.url),
    signed_by: withoutCredentials(source.signed_by),
  }));
}

/** Whatever stands before the `@` of an address is nobody's business. */
const withoutCredentials = (url: string): string =>
  url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/i, "$1").slice(0, 1_000);

type Reader = (host: ReadHost) => Promise<readonly PackageSource[]>;

const readers: Readonly<Record<DatabaseName, Reader>> = {
  dpkg: async (host) => {
    const one = await parsed(host, ["/etc/apt/sources.list"], parseOneLine);
    const lists = await filesIn(host, "/etc/apt/sources.list.d", ".list");
    const deb822 = await filesIn(host, "/etc/apt/sources.list.d", ".sources");
    const more = await parsed(host, lists, parseOneLine);
    return [...one, ...more, ...(await parsed(host, deb822, parseDeb822))];
  },
  rpm: async (host) => {
    const zypper = await filesIn(host, "/etc/zypp/repos.d", ".repo");
    const dnf = await filesIn(host, "/etc/yum.repos.d", ".repo");
    return [
      ...(await parsed(host, zypper, (text, file) => parseRepoFile(text, file, "zypper"))),
      ...(await parsed(host, dnf, (text, file) => parseRepoFile(text, file, "dnf"))),
    ];
  },
  apk: async (host) => {
    const more = await filesIn(host, "/etc/apk/repositories.d", ".list");
    return parsed(host, ["/etc/apk/repositories", ...more], parseApkRepositories);
  },
  pacman: async (host) => {
    const conf = await parsed(host, ["/etc/pacman.conf"], parsePacmanConf);
    const mirrors = await Promise.all(conf.map((source) => mirrorsOf(host, source)));
    return mirrors.flat();
  },
};

async function filesIn(host: ReadHost, folder: string, end: string): Promise<readonly string[]> {
  const names = (await host.list(folder)) ?? [];
  return names
    .filter((name) => name.endsWith(end) && !name.startsWith("."))
    .map((name) => `${folder}/${name}`);
}

async function parsed(
  host: ReadHost,
  files: readonly string[],
  parse: (text: string, file: string) => readonly PackageSource[],
): Promise<readonly PackageSource[]> {
  const texts = await Promise.all(files.map((file) => fileText(host, file)));
  return files.flatMap((file, at) => parse(texts[at] ?? "", file));
}

/** A repository that includes a list of mirrors comes from its first one; the rest stand in for it. */
async function mirrorsOf(host: ReadHost, source: PackageSource): Promise<readonly PackageSource[]> {
  if (!source.url.startsWith("/")) return [source];
  const text = (await fileText(host, source.url)) ?? "";
  const lines = text.split("\n");
  const at = lines.findIndex((line) => /^\s*Server\s*=/.test(line));
  const url = lines[at]?.replace(/^\s*Server\s*=\s*/, "").trim() ?? "";
  return [{ ...source, file: source.url, line: at + 1, url, enabled: at >= 0 }];
}
