/**
 * git(1), by words and never through a shell: what a checkout is at, what the other side has, and how to get there. Must not
 * know what is wanted.
 */
import { VigoError } from "../errors.ts";
import type { Command, CommandResult, Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";

export interface Checkout {
  readonly path: string;
  /** Account that git runs as; git refuses folders of others. */
  readonly user?: string;
}

const slow = 30 * 60_000;

/** What a repository may name for its submodules: no files of this machine. */
const remote = "git:http:https:ssh";

/** Asks nobody for passwords, and speaks no protocol that runs commands of an address's choosing. */
const env = {
  GIT_TERMINAL_PROMPT: "0",
  GIT_ALLOW_PROTOCOL: `file:${remote}`,
  GIT_SSH_COMMAND: "ssh -oBatchMode=yes",
  LC_ALL: "C",
};

const around = ({ user }: Checkout): Omit<Command, "argv"> => ({
  env,
  timeoutMs: slow,
  ...(user !== undefined && { user }),
});

const ask = (host: ReadHost, at: Checkout, ...words: readonly string[]): Promise<CommandResult> =>
  host.query({ ...around(at), argv: ["git", "-C", at.path, ...words] });

export async function git(host: Host, at: Checkout, ...words: readonly string[]): Promise<void> {
  const only = words[0] === "submodule" ? { env: { ...env, GIT_ALLOW_PROTOCOL: remote } } : {};
  const said = host.run({ ...around(at), ...only, argv: ["git", "-C", at.path, ...words] });
  await mustSucceed(`git ${words[0]} in ${at.path}`, said);
}

/** Undefined where the question has no answer, as for a revision that is not there. */
async function answer(host: ReadHost, at: Checkout, ...words: readonly string[]) {
  const { code, stdout, stderr } = await ask(host, at, ...words);
  if (/dubious ownership/.test(stderr))
    throw new VigoError("failed", `${at.path} belongs to another account, and git refuses it`, {
      hint: "say user: with the account that owns it",
    });
  return code === 0 ? stdout.trim() : undefined;
}

export const commitAt = (host: ReadHost, at: Checkout, revision: string) =>
  answer(host, at, "rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);

export const remoteUrl = (host: ReadHost, at: Checkout) =>
  answer(host, at, "config", "--get", "remote.origin.url");

/** Files of the checkout that somebody changed; those git does not follow are nobody's business. */
export async function localChanges(host: ReadHost, at: Checkout): Promise<readonly string[]> {
  const said = await answer(
    host,
    at,
    "status",
    "--porcelain",
    "--untracked-files=no",
    "--ignore-submodules=all",
  );
  return (said ?? "").split("\n").filter((line) => line !== "");
}

/** Submodules that are not there, or at another commit than the checkout says. */
export async function staleSubmodules(host: ReadHost, at: Checkout): Promise<readonly string[]> {
  const { code, stdout } = await ask(host, at, "submodule", "status", "--recursive");
  return code === 0 ? stdout.split("\n").filter((line) => /^[-+U]/.test(line)) : [];
}

export interface Remote {
  readonly commit: string;
  /** `refs/heads/main`, `refs/tags/v1`, or `HEAD`. */
  readonly ref: string;
}

/** What the other side has by a name; a tag's commit, not the tag. A branch goes before a tag. */
export async function remoteRevision(
  host: ReadHost,
  repo: string,
  revision: string | undefined,
  { user }: Pick<Checkout, "user">,
): Promise<Remote> {
  const names =
    revision === undefined
      ? ["HEAD"]
      : [`refs/heads/${revision}`, `refs/tags/${revision}`, `refs/tags/${revision}^{}`];
  const { code, stdout, stderr } = await host.query({
    env,
    timeoutMs: 60_000,
    ...(user !== undefined && { user }),
    argv: ["git", "ls-remote", "--", repo, ...names],
  });
  if (code === 127)
    throw new VigoError("failed", "git is not installed", { hint: "depend on its package" });
  if (code !== 0) throw unreachable(repo, stderr);
  const found = parseRefs(stdout);
  const [branch, tag, peeled] = names.map((name) => found.get(name));
  const commit = branch ?? peeled ?? tag;
  if (commit === undefined)
    throw new VigoError(
      "failed",
      `${shownRepo(repo)} has no ${revision === undefined ? "HEAD" : `branch or tag ${revision}`}`,
      {
        hint: "look at git ls-remote; a commit is written with all of its 40 letters",
      },
    );
  return { commit, ref: (branch === undefined ? names[1] : names[0]) ?? "HEAD" };
}

/** Lines of commit, tab, name. */
export const parseRefs = (shown: string): ReadonlyMap<string, string> =>
  new Map(
    shown.split("\n").flatMap((line) => {
      const [commit = "", name] = line.split("\t");
      return name === undefined ? [] : [[name, commit] as const];
    }),
  );

/** An address without the password some have in it. */
export const shownRepo = (repo: string): string => repo.replace(/(:\/\/[^/@:]*):[^/@]*@/, "$1:…@");

const unreachable = (repo: string, stderr: string) => {
  const said = stderr.trim().split("\n")[0] ?? "";
  const isRefused =
    /denied|not found|does not exist|not appear to be a git|Authentication|could not read Username/i.test(
      stderr,
    );
  return new VigoError(
    isRefused ? "failed" : "unavailable",
    `cannot ask ${shownRepo(repo)}: ${shownRepo(said)}`,
    {
      hint: "try git ls-remote by hand, as the same user",
    },
  );
};
