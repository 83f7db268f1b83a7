/**
 * Packages of macOS through brew(1), which refuses to be root: it is run as whoever owns it. Must not know what is wanted. It
 * fetches its lists by itself, and keeps one version of a formula.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import {
  asked,
  type Installed,
  type Manners,
  type PackageManager,
  type PackageOptions,
  transact,
} from "./package-manager.ts";
import { compareSemver } from "./semver.ts";

const places = ["/opt/homebrew/bin/brew", "/usr/local/bin/brew"];

const manners: Manners = {
  env: { HOMEBREW_NO_ANALYTICS: "1", HOMEBREW_NO_ENV_HINTS: "1", HOMEBREW_NO_COLOR: "1" },
  signs: [
    [
      /Another active Homebrew|has already locked/,
      "unavailable",
      "another brew runs; the next run tries again",
    ],
    [
      /Could not resolve host|Failed to connect|curl: \(\d+\)/,
      "unavailable",
      "a source does not answer: look at the network",
    ],
    [
      /No available formula|No formulae or casks found|No Cask with this name/,
      "failed",
      "is the name right? brew search",
    ],
    [/because it is required by/, "failed", "other formulae need it: declare those absent too"],
  ],
};

export const brew: PackageManager = {
  name: "brew",
  compare: compareSemver,

  async installed(host) {
    const [formulae, casks, pinned] = await Promise.all([
      ask(host, "list", "--formula", "--versions"),
      ask(host, "list", "--cask", "--versions"),
      ask(host, "list", "--pinned"),
    ]);
    return parseBrewList(`${formulae}\n${casks}`, pinned);
  },

  newest: async (host) => parseBrewOutdated(await ask(host, "outdated", "--json=v2")),
  lacks: async () => false,

  async install(host, wishes, _how, options) {
    const exact = wishes.find(({ version }) => version !== undefined);
    if (exact !== undefined)
      throw new VigoError("failed", `brew cannot install ${exact.name} ${exact.version}`, {
        hint: "name a formula of that version, such as node@20",
      });
    await run(host, ["install", ...wishes.map(({ name }) => name)], options);
  },

  async remove(host, names, { purge, autoremove }, options) {
    await run(host, ["uninstall", ...(purge ? ["--zap"] : []), ...names], options);
    if (autoremove) await run(host, ["autoremove"], options);
  },

  hold: async (host, names, held) => await run(host, [held ? "pin" : "unpin", ...names], {}),
};

export const hasBrew = async (host: ReadHost): Promise<boolean> =>
  (await Promise.all(places.map((path) => host.stat(path, { follow: true })))).some(
    (found) => found !== undefined,
  );

/** `sudo -u #501 brew`, by the owner of the program. */
async function program(host: ReadHost): Promise<readonly string[]> {
  for (const path of places) {
    const found = await host.stat(path, { follow: true });
    if (found !== undefined) return ["sudo", "-H", "-u", `#${found.uid}`, "--", path];
  }
  throw new VigoError("failed", "brew is not installed", { hint: "https://brew.sh" });
}

async function ask(host: ReadHost, ...words: readonly string[]): Promise<string> {
  const [sudo = "", ...rest] = await program(host);
  const env = Object.entries({ ...manners.env, HOMEBREW_NO_AUTO_UPDATE: "1" }).map((it) =>
    it.join("="),
  );
  const at = rest.length - 1;
  const argv = [sudo, ...rest.slice(0, at), "env", ...env, ...rest.slice(at), ...words];
  return (await asked(host, argv, manners)).stdout;
}

/** By itself brew takes away what nobody needs any more. */
const onlyAsked = { HOMEBREW_NO_AUTOREMOVE: "1" };

/** sudo passes no variables on. */
async function run(host: Host, words: readonly string[], options: PackageOptions): Promise<void> {
  const { flags = [], environment = {} } = options;
  const whole = await program(host);
  const env = Object.entries({ ...manners.env, ...onlyAsked, ...environment }).map((it) =>
    it.join("="),
  );
  const [verb = "", ...names] = words;
  const argv = [...whole.slice(0, -1), "env", ...env, ...whole.slice(-1), verb, ...flags, ...names];
  await transact(host, argv, manners, {});
}

/** `name 1.2 1.3`, the newest last. */
export function parseBrewList(printed: string, pinned: string): Installed {
  const held = new Set(pinned.split("\n"));
  return new Map(
    printed.split("\n").flatMap((line) => {
      const [name = "", ...versions] = line.trim().split(/\s+/);
      const version = versions.at(-1);
      if (version === undefined) return [];
      return [[name, { version, status: "installed", held: held.has(name) }] as const];
    }),
  );
}

/** `{"formulae": [{"name", "current_version", "pinned"}], "casks": […]}`. */
export function parseBrewOutdated(printed: string): ReadonlyMap<string, string> {
  const { formulae, casks } = JSON.parse(printed) as Record<
    "formulae" | "casks",
    readonly { readonly name: string; readonly current_version: string }[]
  >;
  return new Map(
    [...formulae, ...casks].map(({ name, current_version: version }) => [name, version]),
  );
}
