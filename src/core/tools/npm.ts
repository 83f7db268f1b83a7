/**
 * Packages of Node.js through npm(1), installed for the whole machine below a prefix. Source: npm's page on folders. Must not
 * know what is wanted.
 */
import type { ReadHost } from "../host.ts";
import { change, type Ecosystem, type LanguagePackage } from "./ecosystem.ts";
import { damaged, jsonFile } from "./json-file.ts";
import { compareSemver } from "./semver.ts";

export const npm: Ecosystem = {
  async installed(host, p) {
    const described = await jsonFile(host, `${folder(p)}/package.json`);
    if (described === undefined) return undefined;
    const { version, bin } = (described ?? {}) as Described;
    if (typeof version !== "string") return damaged;
    const isWhole = (await leftOvers(host, p)).length === 0 && (await isLinked(host, p, bin));
    return isWhole ? version : { instead: "half installed" };
  },

  same: (a, b) => compareSemver(a, b) === 0,

  /** What a killed run has begun goes first: npm would take it for installed. */
  async install(host, p) {
    if (typeof (await npm.installed(host, p)) === "object")
      for (const path of [folder(p), ...(await leftOvers(host, p))])
        await host.remove(path, { recursive: true });
    const word = p.version === undefined ? p.package : `${p.package}@${p.version}`;
    await change(host, [...npmFor(p), "install", "--no-audit", "--no-fund", "--", word], p);
  },

  async remove(host, p) {
    await change(host, [...npmFor(p), "uninstall", "--", p.package], p);
  },
};

/** A part of package.json. */
interface Described {
  readonly version?: unknown;
  /** Programs by name, or the one that is called like the package. */
  readonly bin?: unknown;
}

const prefix = ({ environment_path: at }: LanguagePackage) => at ?? "/usr/local";

const folder = (p: LanguagePackage) => `${prefix(p)}/lib/node_modules/${p.package}`;

/** While another version takes its place, the former one stands beside it under a hidden name. */
async function leftOvers(host: ReadHost, p: LanguagePackage): Promise<readonly string[]> {
  const at = folder(p).lastIndexOf("/");
  const [above, name] = [folder(p).slice(0, at), folder(p).slice(at + 1)];
  const hidden = new RegExp(`^\\.${RegExp.escape(name)}-[A-Za-z0-9]{8}$`);
  const names = ((await host.list(above)) ?? []).filter((each) => hidden.test(each));
  return names.map((each) => `${above}/${each}`);
}

/** Its programs are linked when all of it is there. A program that the package names and has not is linked by nobody. */
async function isLinked(host: ReadHost, p: LanguagePackage, bin: unknown): Promise<boolean> {
  const own = p.package.slice(p.package.lastIndexOf("/") + 1);
  const programs = typeof bin === "string" ? { [own]: bin } : (bin ?? {});
  for (const [name, target] of Object.entries(programs)) {
    const isThere = (await host.stat(`${folder(p)}/${target}`)) !== undefined;
    if (isThere && (await host.stat(`${prefix(p)}/bin/${name}`)) === undefined) return false;
  }
  return true;
}

const npmFor = (p: LanguagePackage) => [
  "npm",
  "--global",
  "--prefix",
  prefix(p),
  "--no-update-notifier",
];
