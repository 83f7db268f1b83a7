/**
 * Packages of Python through pip, in a virtualenv or in the system's Python. Sources: the packaging specifications on names, and
 * on recording installed projects (`NAME-VERSION.dist-info`). Must not know what is wanted.
 */
import type { Host, ReadHost } from "../host.ts";
import { change, type Ecosystem, hasProgram, type LanguagePackage, question } from "./ecosystem.ts";
import { isPipVersion } from "./pip-version.ts";

export const pip: Ecosystem = {
  async installed(host, p) {
    const name = canonical(p.package);
    if (p.environment_path !== undefined)
      return (await inEnvironment(host, p.environment_path, name)).find(({ whole }) => whole)
        ?.version;
    if (!(await hasProgram(host, "pip3"))) return undefined;
    return parsePipList(await question(host, [...pipOf(p), "list", "--format=json"], p)).get(name);
  },

  same: isPipVersion,

  /** A virtualenv that is not there, or has no pip yet, is made first. */
  async install(host, p) {
    const { environment_path: at, version } = p;
    if (at !== undefined) {
      if (!(await hasPip(host, at))) {
        for (const tool of ["pip", "setuptools"]) await forgetUnfinished(host, at, tool);
        await change(host, ["python3", "-m", "venv", at], p);
      }
      await forgetUnfinished(host, at, canonical(p.package));
    }
    const word = version === undefined ? p.package : `${p.package}==${version}`;
    await change(host, [...pipOf(p), "install", "-q", "--no-input", "--", word], p);
  },

  async remove(host, p) {
    await change(host, [...pipOf(p), "uninstall", "-q", "-y", "--", p.package], p);
  },
};

const pipOf = ({ environment_path: at }: LanguagePackage) => [
  at === undefined ? "python3" : `${at}/bin/python`,
  "-m",
  "pip",
  "--disable-pip-version-check",
];

/** Names that differ in case, or in which of `-_.` parts them, are one. */
const canonical = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-");

interface Found {
  readonly version: string;
  /** Its folder of records. */
  readonly path: string;
  /** Who installed it is noted when all of it is there; the list of its files comes with them. */
  readonly whole: boolean;
}

async function inEnvironment(
  host: ReadHost,
  at: string,
  wanted: string,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  const pythons = ((await host.list(`${at}/lib`)) ?? []).filter((name) => /^python3/.test(name));
  for (const python of pythons) {
    const site = `${at}/lib/${python}/site-packages`;
    for (const name of (await host.list(site)) ?? []) {
      const [, project = "", version = ""] = /^(.+?)-([^-]+)\.dist-info$/.exec(name) ?? [];
      if (canonical(project) !== wanted) continue;
      const path = `${site}/${name}`;
      found.push({ version, path, whole: (await host.stat(`${path}/INSTALLER`)) !== undefined });
    }
  }
  return found;
}

/** A run that was killed while it made the virtualenv leaves a Python that has none. */
async function hasPip(host: ReadHost, at: string): Promise<boolean> {
  const own = await inEnvironment(host, at, "pip");
  if (own.length > 0) return own.every(({ whole }) => whole);
  return (await host.query({ argv: [`${at}/bin/python`, "-m", "pip", "--version"] })).code === 0;
}

/** What pip has begun and not ended; it would take that for installed, and then could not take it away. */
async function forgetUnfinished(host: Host, at: string, name: string): Promise<void> {
  for (const { path, whole } of await inEnvironment(host, at, name))
    if (!whole) await host.remove(path, { recursive: true });
}

/** `[{"name": "…", "version": "…"}, …]`. */
export function parsePipList(printed: string): ReadonlyMap<string, string> {
  const listed = JSON.parse(printed) as readonly {
    readonly name: string;
    readonly version: string;
  }[];
  return new Map(listed.map(({ name, version }) => [canonical(name), version]));
}
