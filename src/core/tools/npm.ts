/**
 * Packages of Node.js through npm(1), installed for the whole machine below a prefix. Source: npm's page on folders. Must not
 * know what is wanted.
 */
import { change, type Ecosystem, type LanguagePackage } from "./ecosystem.ts";
import { textField } from "./json-file.ts";
import { compareSemver } from "./semver.ts";

export const npm: Ecosystem = {
  installed: (host, p) =>
    textField(host, `${prefix(p)}/lib/node_modules/${p.package}/package.json`, "version"),

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

const npmFor = (p: LanguagePackage) => [
  "npm",
  "--global",
  "--prefix",
  prefix(p),
  "--no-update-notifier",
];
