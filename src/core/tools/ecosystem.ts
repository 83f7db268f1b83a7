/**
 * What the `language_package` type asks of the package tool of a programming language. Must not know which there are.
 */
import type { CommandResult, Host, ReadHost } from "../host.ts";
import { asked, type Manners, type Sign, transact } from "./package-manager.ts";

export interface LanguagePackage {
  readonly package: string;
  readonly version?: string | undefined;
  /** Where to, instead of the tool's own place for the whole machine. */
  readonly environment_path?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** What is in its place and no version of it, in words. */
export interface Instead {
  readonly instead: string;
}

export interface Ecosystem {
  /** Its version; undefined where it is not there, nor the tool. */
  installed(host: ReadHost, p: LanguagePackage): Promise<string | Instead | undefined>;
  /** Is what is there the version that is wished, however it is spelled? */
  same(is: string, wish: string): boolean;
  install(host: Host, p: LanguagePackage): Promise<void>;
  remove(host: Host, p: LanguagePackage): Promise<void>;
}

const signs: readonly Sign[] = [
  [
    /externally-managed-environment/,
    "failed",
    "the system's Python is its package manager's: give it a virtualenv with environment_path, or use type package",
  ],
  [
    /Could not resolve|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|Temporary failure|Connection refused|timed out|dial tcp|Network is unreachable|Unable to download data from/i,
    "unavailable",
    "the registry does not answer: look at the network, and at proxies (environment)",
  ],
  [/No space left|ENOSPC/, "unavailable", "free some space (df -h)"],
  [
    /No matching distribution|E404|No match(?:ing version)? found|Could not find a valid gem|could not find `|unknown revision|no matching versions|Could not find a (?:matching )?(?:version of )?package|no required module|ETARGET|reading \S+: (?:404|410|no such file)/i,
    "failed",
    "are the name and the version right, and does the registry have them?",
  ],
  [
    /already exists in destination/,
    "failed",
    "a program of that name lies there, and cargo has not noted it as its own: see whose it is, and remove it",
  ],
  [
    /No module named '?(?:pip|venv|ensurepip)|ensurepip is not available/,
    "failed",
    "declare the packages that bring pip and virtualenvs (python3-pip, python3-venv), and depend on them",
  ],
];

/** Tools of languages want a home, which the agent's clean environment has not. */
const mannersFor = async (
  host: ReadHost,
  more: Readonly<Record<string, string>>,
): Promise<Manners> => ({
  env: { HOME: (await host.user("0"))?.home ?? "/root", ...more },
  signs,
});

export const change = async (
  host: Host,
  argv: readonly string[],
  p: LanguagePackage,
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> =>
  await transact(host, argv, await mannersFor(host, env), { environment: p.environment ?? {} });

/** `fine` are the exit codes that are answers. */
export const question = async (
  host: ReadHost,
  argv: readonly string[],
  p: LanguagePackage,
  env: Readonly<Record<string, string>> = {},
  fine: readonly number[] = [0],
): Promise<string> => {
  const manners = await mannersFor(host, { ...env, ...p.environment });
  return (await asked(host, argv, { ...manners, fine })).stdout;
};

/** Is a program of this name where programs are? A tool that is missing has installed nothing. */
export async function hasProgram(host: ReadHost, name: string): Promise<boolean> {
  for (const folder of [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
  ])
    if ((await host.stat(`${folder}/${name}`, { follow: true })) !== undefined) return true;
  return false;
}
