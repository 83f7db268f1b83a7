/** Programs in Rust through cargo(1), below a root. What it has installed stands in `.crates.toml`. Must not know what is wanted. */
import { change, type Ecosystem, type LanguagePackage } from "./ecosystem.ts";
import { fileText } from "./file-text.ts";
import { compareSemver } from "./semver.ts";

export const cargo: Ecosystem = {
  async installed(host, p) {
    return parseCrates((await fileText(host, `${root(p)}/.crates.toml`)) ?? "").get(p.package);
  },

  same: (a, b) => compareSemver(a, b) === 0,

  async install(host, p) {
    const version = p.version === undefined ? [] : ["--version", `=${p.version}`];
    await change(
      host,
      ["cargo", "install", "-q", "--root", root(p), ...version, "--", p.package],
      p,
    );
  },

  async remove(host, p) {
    await change(host, ["cargo", "uninstall", "-q", "--root", root(p), "--", p.package], p);
  },
};

const root = ({ environment_path: at }: LanguagePackage) => at ?? "/usr/local";

/** `"name 1.2.3 (registry+https://…)" = ["program"]`. */
export const parseCrates = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/^"(\S+) (\S+) \(.*\)" = /gm)].map(([, name = "", version = ""]) => [
      name,
      version,
    ]),
  );
