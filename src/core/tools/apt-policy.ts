/**
 * What apt could install, by apt-cache(8). Must not know what is wanted.
 */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { judged } from "./apt-run.ts";

/** What apt knows of a package that it can install. */
export interface Offer {
  /** The version it would choose. */
  readonly candidate: string;
  readonly versions: readonly string[];
}

/** From apt's lists, asked once for all names, by the names as they were asked; one that cannot be installed is missing. */
export async function offers(
  host: ReadHost,
  names: readonly string[],
): Promise<ReadonlyMap<string, Offer>> {
  const argv = ["apt-cache", "policy", "--", ...names];
  const result = await host.query({ argv });
  if (result.code !== 0) throw judged(`apt-cache policy ${names.join(" ")}`, result);
  const known = parsePolicy(result.stdout);
  return new Map(
    names.flatMap((name) => {
      const offer = known.get(name) ?? known.get(plainName(name, host.os.arch));
      return offer === undefined ? [] : [[name, offer] as const];
    }),
  );
}

/** apt leaves out the machine's own architecture. */
const plainName = (name: string, arch: string) =>
  name.endsWith(`:${arch}`) || name.endsWith(":all") ? name.slice(0, name.lastIndexOf(":")) : name;

/**
 * apt-get takes a name that it does not know for a pattern (`node.js`), or for a word that removes (`nginx-`), and installs what
 * provides a name that is no package. So it is given no name that is not a package to it.
 */
export async function mustBeOffered(host: ReadHost, names: readonly string[]): Promise<void> {
  const known = await offers(host, names);
  const missing = names.filter((name) => !known.has(name));
  const [first] = missing;
  if (first === undefined) return;
  throw new VigoError(
    "failed",
    `apt finds no package to install: ${missing.slice(0, 20).join(", ")}`,
    {
      hint: `is the name right, and is its repository declared? If other packages only provide it, name one of those (apt-cache showpkg ${first})`,
    },
  );
}

/** `name:` at the margin, `Candidate: version` or `(none)`, then a table of versions with their priorities. */
export function parsePolicy(printed: string): ReadonlyMap<string, Offer> {
  const found = new Map<string, Offer>();
  for (const paragraph of printed.split(/^(?=\S)/m)) {
    const name = /^(\S+):$/m.exec(paragraph)?.[1];
    const candidate = /^ {2}Candidate: (\S+)$/m.exec(paragraph)?.[1];
    if (name === undefined || candidate === undefined || candidate === "(none)") continue;
    const table = paragraph.matchAll(/^ (?: {4}|\*\*\* )(\S+) -?\d+$/gm);
    found.set(name, { candidate, versions: [...table].map(([, version = ""]) => version) });
  }
  return found;
}
