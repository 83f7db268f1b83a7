/**
 * What the `package` type asks of a package manager, and how a transaction of one is run and judged. Must not know which
 * managers there are, nor what is wanted.
 */
import { type Failure, VigoError } from "../errors.ts";
import type { Command, CommandResult, Host, ReadHost } from "../host.ts";
import { headOf } from "../text/cut.ts";

export interface PackageOptions {
  /** More words for the package manager. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface InstalledPackage {
  readonly version: string;
  /** `installed`; of dpkg also `config-files`, `half-configured` …, of pacman `half-installed`. */
  readonly status: string;
  /** It may not be changed by an upgrade. */
  readonly held: boolean;
}

/** What a report says is there: its version, or how far it got; undefined where at most its configuration is. */
export function standing(there: InstalledPackage | undefined): string | undefined {
  if (there === undefined || there.status === "config-files") return undefined;
  return there.status === "installed" ? there.version : there.status;
}

/** By the name the operator writes. */
export type Installed = ReadonlyMap<string, InstalledPackage>;

/** One package to install; without a version the one that the manager chooses. */
export interface Wish {
  readonly name: string;
  readonly version?: string;
}

export interface InstallHow {
  readonly downgrade: boolean;
  /** The policy decides about holds, so those in the way are lifted. */
  readonly decidesHolds: boolean;
  /** A newer one is wanted of what is installed. */
  readonly newest: boolean;
}

export interface RemoveHow {
  readonly purge: boolean;
  /** What only these have brought and nobody needs then goes too, and nothing that was idle before. */
  readonly autoremove: boolean;
}

export interface PackageManager {
  /** The word that a person calls it by. */
  readonly name: string;
  /** Negative when version `a` comes before `b`. */
  compare(a: string, b: string): number;
  /** All that `installed` looks at, where that is a few files. */
  readonly database?: readonly string[];
  /** What is on the machine; may hold more names than were asked for. */
  installed(host: ReadHost, names: readonly string[]): Promise<Installed>;
  /** The version that it would bring, of those for which it knows a newer one or which are not there. Asked once for all. */
  newest(host: ReadHost, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Is there one that cannot be found by what was fetched last? */
  lacks(host: ReadHost, wishes: readonly Wish[]): Promise<boolean>;
  /** Undefined where it fetches its lists by itself. */
  readonly lists?: {
    /** When they were fetched last; undefined: never. */
    fetched(host: ReadHost): Promise<Date | undefined>;
    fetch(host: Host, options: PackageOptions): Promise<void>;
    /** Files and folders that say where from: what was fetched before they changed is old. */
    readonly sources: readonly string[];
  };
  /** One transaction. */
  install(
    host: Host,
    wishes: readonly Wish[],
    how: InstallHow,
    options: PackageOptions,
  ): Promise<void>;
  /** An archive of a package, on the machine; what it needs comes from repositories. Undefined where it takes none. */
  installFile?(host: Host, path: string): Promise<void>;
  /** What the file of such an archive is called behind its dot. */
  readonly archive?: string;
  /** All that goes when these do, them included, by its word; nothing is done. Undefined where it does not tell. */
  removal?(host: ReadHost, names: readonly string[], how: RemoveHow): Promise<readonly string[]>;
  /** One transaction; holds of these packages do not stand in its way. */
  remove(
    host: Host,
    names: readonly string[],
    how: RemoveHow,
    options: PackageOptions,
  ): Promise<void>;
  /** What somebody has asked for, and not only what that needs; undefined where the manager does not keep it apart. */
  readonly byHand?: {
    /** `stays`: what is declared or kept; where the manager does not tell apart what that needs, it is left out too. */
    names(host: ReadHost, stays: (name: string) => boolean): Promise<readonly string[]>;
    /** All that goes when these do, by its word; nothing is done. */
    takes(host: ReadHost, names: readonly string[]): Promise<readonly string[]>;
  };
  /** Undefined where it has no such thing; `cannotHold` then says what there is instead. */
  hold?(host: Host, names: readonly string[], held: boolean): Promise<void>;
  readonly cannotHold?: string;
}

/** Words of a tool that say more than its exit code. */
export type Sign = readonly [words: RegExp, failure: Failure, hint: string];

/** What every transaction of a manager has in common. */
export interface Manners {
  readonly env: Readonly<Record<string, string>>;
  readonly signs: readonly Sign[];
  /** Exit codes that are fine (d: 0). */
  readonly fine?: readonly number[];
}

const timeoutMs = 30 * 60_000;
/** How long those who hold a lock are waited for. */
export const lockSeconds = 120;

/** A command that changes packages; half done it does more harm than late. */
export async function transact(
  host: Host,
  argv: readonly string[],
  manners: Manners,
  { environment = {} }: PackageOptions,
): Promise<CommandResult> {
  const command: Command = {
    argv,
    env: { ...manners.env, ...environment },
    timeoutMs,
    outlives: true,
  };
  return fine(argv, await host.run(command), manners);
}

/** A question to the manager. */
export const asked = async (
  host: ReadHost,
  argv: readonly string[],
  manners: Manners,
): Promise<CommandResult> => {
  const command = { argv, env: manners.env, timeoutMs: 300_000 };
  return fine(argv, await host.query(command), manners);
};

function fine(argv: readonly string[], result: CommandResult, manners: Manners): CommandResult {
  if ((manners.fine ?? [0]).includes(result.code)) return result;
  throw judged(argv, result, manners.signs);
}

/** What to do where the program itself is not on the machine; undefined where it was run. */
export const missingHint = (
  program: string,
  { code, stderr }: CommandResult,
): string | undefined =>
  code === 127 && stderr.trim() === `${program}: not found`
    ? `${program} is not installed: declare the package that brings it, and depend on that`
    : undefined;

const complaint = /\b(?:error|fail(?:ed|ure)?|problem|conflicts?|cannot|could not|unable)\b/i;

/** What it complains of, else what it said last, and what to do about it where its words are known. */
function judged(argv: readonly string[], result: CommandResult, signs: readonly Sign[]): VigoError {
  const { code, stdout, stderr } = result;
  const missing = missingHint(argv[0] ?? "", result);
  const sign = signs.find(([words]) => words.test(stderr) || words.test(stdout));
  const lines = `${stdout}\n${stderr}`.split("\n").flatMap((line) => line.trim() || []);
  const telling = lines.filter((line) => sign?.[0].test(line) === true || complaint.test(line));
  const said = [...new Set(telling.length > 0 ? telling : lines)].slice(-5).join("; ");
  const what = headOf(argv.join(" "), 500);
  return new VigoError(sign?.[1] ?? "failed", `${what}: exit ${code}: ${headOf(said, 1000)}`, {
    hint: missing ?? sign?.[2],
  });
}

/** The newest of what stands below a folder, one level of folders down when `inside` is said; undefined where nothing is. */
export async function newestBelow(
  host: ReadHost,
  folder: string,
  inside: string | undefined,
  names: RegExp,
): Promise<Date | undefined> {
  const folders =
    inside === undefined
      ? [folder]
      : ((await host.list(folder)) ?? []).map((name) => `${folder}/${name}/${inside}`);
  let newest: Date | undefined;
  for (const at of folders)
    for (const name of ((await host.list(at)) ?? []).filter((it) => names.test(it))) {
      const modified = (await host.stat(`${at}/${name}`))?.modified;
      if (modified !== undefined && (newest === undefined || modified > newest)) newest = modified;
    }
  return newest;
}
