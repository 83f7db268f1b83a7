/**
 * rpm's database, by rpm(8). Must not know what is wanted, nor how packages are installed.
 */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { compareRpmVersions } from "./rpm-version.ts";

/** Versions as `[epoch:]version-release`, by `name` and `name.architecture`. */
export type RpmDatabase = ReadonlyMap<string, string>;

/** Where rpm keeps it, from the newest distributions to the oldest; a write touches one of these. */
const files = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"].flatMap((folder) =>
  ["rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages"].map(
    (name) => `${folder}/${name}`,
  ),
);

const format = "%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\n";

/** By machine: its os is one object for the whole run, whoever wraps the host. */
const read = new WeakMap<
  ReadHost["os"],
  { readonly stamp: string; readonly database: RpmDatabase }
>();

/** All packages, asked again only when rpm has written its database. */
export async function rpmDatabase(host: ReadHost): Promise<RpmDatabase> {
  const stats = await Promise.all(files.map((path) => host.stat(path)));
  const stamp = stats
    .map((it) => it && `${it.modified.getTime()}:${it.bytes}:${it.inode ?? ""}`)
    .join(" ");
  const known = read.get(host.os);
  if (known?.stamp === stamp) return known.database;
  const result = await host.query({ argv: ["rpm", "-qa", "--qf", format] });
  if (result.code !== 0)
    throw new VigoError("failed", `rpm -qa: exit ${result.code}: ${result.stderr.trim()}`, {
      hint: "is its database whole? rpm --verifydb tells",
    });
  if (result.truncated === true)
    throw new VigoError("limited", "rpm -qa: more packages than can be read at once");
  const database = parseRpmList(result.stdout);
  read.set(host.os, { stamp, database });
  return database;
}

/** Is this key a name without an architecture? */
export const isPlainName = (key: string): boolean =>
  !/\.(?:noarch|x86_64|aarch64|i[3-6]86|ppc64le|s390x|armv\dh\w*|riscv64)$/.test(key);

/** Of several versions of one name (kernels) the newest. Keys are no packages. */
export function parseRpmList(printed: string): RpmDatabase {
  const database = new Map<string, string>();
  for (const line of printed.split("\n")) {
    const [name = "", version = "", arch = ""] = line.split("\t");
    if (name === "" || name === "gpg-pubkey") continue;
    for (const key of [name, `${name}.${arch}`]) {
      const known = database.get(key);
      if (known === undefined || compareRpmVersions(known, version) < 0) database.set(key, version);
    }
  }
  return database;
}
