/** Packages of Ruby through gem(1). Must not know what is wanted. */
import { change, type Ecosystem, hasProgram, type LanguagePackage, question } from "./ecosystem.ts";

export const gem: Ecosystem = {
  /** Several versions of one gem live beside each other: the wanted one, else the newest. */
  async installed(host, p) {
    if (!(await hasProgram(host, "gem"))) return undefined;
    const versions = parseGemList(await question(host, ["gem", "list", "--local"], p, place(p)));
    const there = versions.get(p.package) ?? [];
    return there.find((version) => sameGem(version, p.version ?? "")) ?? there[0];
  },

  same: sameGem,

  async install(host, p) {
    const version = p.version === undefined ? [] : ["--version", p.version];
    await change(host, ["gem", "install", "--no-document", ...version, p.package], p, place(p));
  },

  /** All versions, and its programs. */
  async remove(host, p) {
    await change(
      host,
      ["gem", "uninstall", "--all", "--executables", "--force", p.package],
      p,
      place(p),
    );
  },
};

/** `1.0` and `1.0.0` are one, as in Gem::Version. */
function sameGem(a: string, b: string): boolean {
  const [x = "", y = ""] = [a, b].map((version) => version.replace(/(?:\.0+)+$/, ""));
  return x === y;
}

const place = ({ environment_path: at }: LanguagePackage): Readonly<Record<string, string>> =>
  at === undefined ? {} : { GEM_HOME: at, GEM_PATH: at };

/** `name (1.2.3, default: 1.2.2, 1.1 ruby x86_64-linux)`, the newest first. */
export const parseGemList = (printed: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...printed.matchAll(/^(\S+) \((.*)\)$/gm)].map(([, name = "", versions = ""]) => [
      name,
      versions.split(", ").map((version) => version.replace(/^default: /, "").split(" ")[0] ?? ""),
    ]),
  );
