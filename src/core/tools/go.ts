/** Programs in Go through go(1), in a folder of programs. A program tells itself what it was built from. Must not know what is wanted. */
import { change, type Ecosystem, hasProgram, type LanguagePackage, question } from "./ecosystem.ts";
import { compareSemver } from "./semver.ts";

export const go: Ecosystem = {
  async installed(host, p) {
    const path = programOf(p);
    if ((await host.stat(path)) === undefined || !(await hasProgram(host, "go"))) return undefined;
    // Of what is no program of Go, or half of one, it says nothing and fails.
    const argv = ["go", "version", "-m", path];
    const built = parseBuild(await question(host, argv, p, place(p), [0, 1]));
    return built.path === p.package
      ? built.version
      : { instead: `another program, ${built.path ?? "not of Go"}` };
  },

  same: (a, b) => compareSemver(a, b) === 0,

  async install(host, p) {
    const word = `${p.package}@${p.version === undefined ? "latest" : `v${p.version.replace(/^v/, "")}`}`;
    await change(host, ["go", "install", word], p, place(p));
  },

  remove: (host, p) => host.remove(programOf(p)),
};

const folder = ({ environment_path: at }: LanguagePackage) => at ?? "/usr/local/bin";

/** What it fetches and builds is a cache, of root's. */
const place = (p: LanguagePackage) => ({
  GOBIN: folder(p),
  GOPATH: "/var/cache/vigo-go",
  GOCACHE: "/var/cache/vigo-go/build",
  GOFLAGS: "-modcacherw",
});

/** The last part of its path that is no major version. */
function programOf(p: LanguagePackage): string {
  const parts = p.package.split("/").filter((part) => !/^v\d+$/.test(part));
  return `${folder(p)}/${parts.at(-1)}`;
}

/** Lines `path PACKAGE` and `mod MODULE VERSION HASH`, after a blank. */
export function parseBuild(printed: string): { readonly path?: string; readonly version?: string } {
  const path = /^\s+path\s+(\S+)/m.exec(printed)?.[1];
  const version = /^\s+mod\s+\S+\s+(\S+)/m.exec(printed)?.[1];
  return { ...(path !== undefined && { path }), ...(version !== undefined && { version }) };
}
