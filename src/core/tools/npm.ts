/**
 * Packages of Node.js through npm(1), installed for the whole machine below a prefix. Source: npm's page on folders. Must not
 * know what is wanted.
 */
import { change, type Ecosystem, type LanguagePackage } from "./ecosystem.ts";
import { damaged, jsonFile } from "./json-file.ts";
import { compareSemver } from "./semver.ts";

export const npm: Ecosystem = {
  async installed(host, p) {
    const described = await jsonFile(host, `${folder(p)}/package.json`);
    if (described === undefined) return undefined;
    const version = (described as { readonly version?: unknown } | null)?.version;
    return typeof version === "string" ? version : damaged;
  },

  same: (a, b) => compareSemver(a, b) === 0,

  async install(host, p) {
    const word = p.version === undefined ? p.package : `${p.package}@${p.version}`;
    await change(host, [...npmFor(p), "install", "--no-audit", "--no-fund", "--", word], p);
  },

  async remove(host, p) {
    await change(host, [...npmFor(p), "uninstall", "--", p.package], p);
  },
};

const prefix = ({ environment_path: at }: LanguagePackage) => at ?? "/usr/local";

const folder = (p: LanguagePackage) => `${prefix(p)}/lib/node_modules/${p.package}`;

const npmFor = (p: LanguagePackage) => [
  "npm",
  "--global",
  "--prefix",
  prefix(p),
  "--no-update-notifier",
];
