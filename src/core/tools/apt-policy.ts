/**
 * What apt could install, by apt-cache(8). Must not know what is wanted.
 */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { judged } from "./apt-run.ts";
import type { Wish } from "./package-manager.ts";

/** What apt knows of a package. */
interface Known {
  /** The version it would choose; undefined where pins are against all of them. */
  readonly candidate: string | undefined;
  readonly versions: readonly string[];
}

/** What it can install. */
export interface Offer extends Known {
  readonly candidate: string;
}

/** From apt's lists, asked once for all names; one that cannot be installed is missing. */
export async function offers(
  host: ReadHost,
  names: readonly string[],
): Promise<ReadonlyMap<string, Offer>> {
  return new Map(
    [...(await known(host, names))].flatMap(([name, { candidate, versions }]) =>
      candidate === undefined ? [] : [[name, { candidate, versions }] as const],
    ),
  );
}

/** By the names as they were asked. */
async function known(
  host: ReadHost,
  names: readonly string[],
): Promise<ReadonlyMap<string, Known>> {
  const argv = ["apt-cache", "policy", "--", ...names];
  const result = await host.query({ argv });
  if (result.code !== 0) throw judged(`apt-cache policy ${names.join(" ")}`, result);
  const told = parsePolicy(result.stdout);
  return new Map(
    names.flatMap((name) => {
      const found = told.get(name) ?? told.get(plainName(name, host.os.arch));
      return found === undefined ? [] : [[name, found] as const];
    }),
  );
}

/** apt leaves out the machine's own architecture. */
const plainName = (name: string, arch: string) =>
  name.endsWith(`:${arch}`) || name.endsWith(":all") ? name.slice(0, name.lastIndexOf(":")) : name;

/**
 * apt-get takes a name that it does not know for a pattern (`node.js`), or for a word that removes (`nginx-`), and installs what
 * provides a name that is no package. So it is given no name that is not a package to it, and no version that it has not.
 */
export async function mustBeOffered(host: ReadHost, wishes: readonly Wish[]): Promise<void> {
  const packages = await known(
    host,
    wishes.map(({ name }) => name),
  );
  const missing = wishes.filter(({ name }) => !packages.has(name)).map(({ name }) => name);
  const [first] = missing;
  if (first !== undefined)
    throw new VigoError(
      "failed",
      `apt finds no package to install: ${missing.slice(0, 20).join(", ")}`,
      {
        hint: `is the name right, and is its repository declared? If other packages only provide it, name one of those (apt-cache showpkg ${first})`,
      },
    );
  for (const { name, version } of wishes) {
    const versions = packages.get(name)?.versions ?? [];
    if (version !== undefined && !versions.includes(version))
      throw new VigoError("failed", `apt has no version ${version} of ${name} to install`, {
        hint: `it has ${versions.slice(0, 10).join(", ") || "none"}`,
      });
  }
}

/** `name:` at the margin, `Candidate: version` or `(none)`, then a table of versions with their priorities, empty for what is no package. */
export function parsePolicy(printed: string): ReadonlyMap<string, Known> {
  const found = new Map<string, Known>();
  for (const paragraph of printed.split(/^(?=\S)/m)) {
    const name = /^(\S+):$/m.exec(paragraph)?.[1];
    const chosen = /^ {2}Candidate: (\S+)$/m.exec(paragraph)?.[1];
    const table = paragraph.matchAll(/^ (?: {4}|\*\*\* )(\S+) -?\d+$/gm);
    const versions = [...table].map(([, version = ""]) => version);
    const candidate = chosen === "(none)" ? undefined : chosen;
    if (name !== undefined && versions.length > 0) found.set(name, { candidate, versions });
  }
  return found;
}
