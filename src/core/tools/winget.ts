/**
 * Packages of Windows through winget, by their ids. It prints tables whose columns begin where their headings do, in whatever
 * language: Name, Id, Version, then Available and Source. Must not know what is wanted.
 */
import { VigoError } from "../errors.ts";
import type { Host } from "../host.ts";
import {
  asked,
  type Manners,
  type PackageManager,
  type PackageOptions,
  transact,
} from "./package-manager.ts";
import { compareSemver } from "./semver.ts";

/** Of winget's codes: nothing is installed that matches; there is nothing newer. Windows gives them without a sign. */
const nothing = [0x8a15_0014, 0x8a15_002b];

const manners: Manners = {
  env: {},
  fine: [0, ...nothing, ...nothing.map((code) => code | 0)],
  signs: [
    [
      /0x80072ee7|InternetOpenUrl|network/i,
      "unavailable",
      "a source does not answer: look at winget source list",
    ],
    [/No package found/i, "failed", "are the id and the version right? winget search"],
  ],
};

const quiet = ["--accept-source-agreements", "--disable-interactivity"];

export const winget: PackageManager = {
  name: "winget",
  compare: compareSemver,

  async installed(host, names) {
    const { stdout } = await asked(host, ["winget", "list", ...quiet], manners);
    const found = parseWingetTable(stdout);
    return new Map(
      names.flatMap((name) => {
        const version = rowOf(found, name)?.version;
        return version === undefined ? [] : [[name, { version, status: "installed", held: false }]];
      }),
    );
  },

  async newest(host, names) {
    const { stdout } = await asked(host, ["winget", "upgrade", ...quiet], manners);
    const found = parseWingetTable(stdout);
    return new Map(
      names.flatMap((name) => {
        const available = rowOf(found, name)?.available ?? "";
        return available === "" ? [] : [[name, available] as const];
      }),
    );
  },

  lacks: async () => false,

  /** One at a time: it takes one version, and one id that must be exact. */
  async install(host, wishes, how, options) {
    const there = await winget.installed(
      host,
      wishes.map(({ name }) => name),
    );
    for (const { name, version } of wishes) {
      const verb = there.has(name) && version === undefined ? "upgrade" : "install";
      const which = version === undefined ? [] : ["--version", version];
      const force = how.downgrade || there.has(name) ? ["--force"] : [];
      await run(
        host,
        [verb, "--exact", "--id", name, ...which, ...force, "--accept-package-agreements"],
        options,
      );
    }
  },

  async remove(host, names, { purge }, options) {
    for (const name of names)
      await run(
        host,
        ["uninstall", "--exact", "--id", name, ...(purge ? ["--purge"] : [])],
        options,
      );
  },

  cannotHold: "winget pin add --blocking does it by hand",
};

async function run(host: Host, words: readonly string[], options: PackageOptions): Promise<void> {
  const argv = ["winget", ...words, "--silent", ...quiet, ...(options.flags ?? [])];
  await transact(host, argv, manners, options);
}

interface Row {
  readonly id: string;
  readonly version: string;
  readonly available: string;
}

/** The heading is the line above the dashes; before it a spinner may have left its traces. */
export function parseWingetTable(printed: string): readonly Row[] {
  const lines = printed.split(/\r?\n/).map((line) => line.replace(/^[\s\S]*\r/, ""));
  const dashes = lines.findIndex((line) => /^-{10,}$/.test(line.trim()));
  const heading = lines[dashes - 1];
  if (dashes < 1 || heading === undefined) return [];
  const starts = [...heading.matchAll(/\S+/g)].map(({ index }) => index);
  const cell = (line: string, column: number) =>
    starts[column] === undefined ? "" : line.slice(starts[column], starts[column + 1]).trim();
  return lines.slice(dashes + 1).flatMap((line) => {
    const [id, version] = [cell(line, 1), cell(line, 2)];
    if (id === "" || version === "" || /\s/.test(id)) return [];
    return [{ id, version, available: starts.length > 4 ? cell(line, 3) : "" }];
  });
}

/** An id that is cut short in the table is told by its beginning, when only one begins so. */
function rowOf(rows: readonly Row[], name: string): Row | undefined {
  const wanted = name.toLowerCase();
  const exact = rows.find(({ id }) => id.toLowerCase() === wanted);
  if (exact !== undefined) return exact;
  const cut = rows.filter(
    ({ id }) => id.endsWith("…") && wanted.startsWith(id.slice(0, -1).toLowerCase()),
  );
  if (cut.length < 2) return cut[0];
  throw new VigoError("failed", `winget shows several packages that ${name} may be`, {
    hint: "ask winget list with a wider console",
  });
}
