/**
 * Packages of Python through pip, in a virtualenv or in the system's Python. Sources: the packaging specifications on names,
 * on recording installed projects (`NAME-VERSION.dist-info`), and PEP 440. Must not know what is wanted.
 */
import type { ReadHost } from "../host.ts";
import { change, type Ecosystem, hasProgram, type LanguagePackage, question } from "./ecosystem.ts";

export const pip: Ecosystem = {
  async installed(host, p) {
    const name = canonical(p.package);
    if (p.environment_path !== undefined)
      return (await inEnvironment(host, p.environment_path)).get(name);
    if (!(await hasProgram(host, "pip3"))) return undefined;
    return parsePipList(await question(host, [...pipOf(p), "list", "--format=json"], p)).get(name);
  },

  same: (a, b) => release(a) === release(b),

  /** A virtualenv that is not there is made first. */
  async install(host, p) {
    const { environment_path: at, version } = p;
    if (at !== undefined && (await host.stat(`${at}/bin/python`, { follow: true })) === undefined)
      await change(host, ["python3", "-m", "venv", at], p);
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

/** `1.0` and `1.0.0` are one release, `1.0rc1` and `1.0.rc1` too; a leading `v` says nothing. */
const release = (version: string) =>
  version
    .toLowerCase()
    .replace(/^v/, "")
    .replace(/[-_.]?(a|b|rc|post|dev)[-_.]?(?=\d)/g, ".$1")
    .replace(/^((?:\d+!)?\d+(?:\.\d+)*?)(?:\.0+)+(?!\d)(?!\.\d)/, "$1");

async function inEnvironment(host: ReadHost, at: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const pythons = ((await host.list(`${at}/lib`)) ?? []).filter((name) => /^python3/.test(name));
  for (const python of pythons)
    for (const name of (await host.list(`${at}/lib/${python}/site-packages`)) ?? []) {
      const [, project = "", version = ""] = /^(.+?)-([^-]+)\.dist-info$/.exec(name) ?? [];
      if (project !== "") found.set(canonical(project), version);
    }
  return found;
}

/** `[{"name": "…", "version": "…"}, …]`. */
export function parsePipList(printed: string): ReadonlyMap<string, string> {
  const listed = JSON.parse(printed) as readonly {
    readonly name: string;
    readonly version: string;
  }[];
  return new Map(listed.map(({ name, version }) => [canonical(name), version]));
}
