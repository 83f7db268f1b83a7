/**
 * The `git` type: a checkout of a repository at a branch, a tag or a commit, as something to use and not to work in: its HEAD is
 * the commit itself. Must not know what is in it.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, flag, owner, parameters, path, text, whole } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import {
  type Checkout,
  commitAt,
  git as runGit,
  localChanges,
  type Remote,
  remoteRevision,
  remoteUrl,
  shownRepo,
  staleSubmodules,
} from "../tools/git.ts";
import { idsOf } from "../tools/attributes.ts";
import { placeFollows } from "../tools/place.ts";

const params = () =>
  parameters({
    path: path("Folder of the checkout."),
    state: choice("Absent removes the checkout, and only a checkout.", [
      "present",
      "absent",
    ]).default("present"),
    repo: text(
      "Where to fetch it from: https, ssh, git, or a path. Needed unless `state` is absent.",
      {
        pattern: /^(?!-)[^\s\0]+$/,
        wanted: "an address or a path without blanks",
      },
    ).exactOptional(),
    revision: text(
      "A branch, a tag, or a commit with all of its 40 letters; the repository's own branch when not said. A branch is followed.",
      {
        pattern: /^(?![-/])(?!.*(?:\.\.|\/\/|@\{))[A-Za-z0-9._/+@-]+$/,
        wanted: "the name of a branch or tag, or a commit",
      },
    ).exactOptional(),
    depth: whole("How many commits of history to fetch; all when not said.", {
      min: 1,
    }).exactOptional(),
    submodules: flag("Fetch its submodules too.").default(false),
    force: flag("Throw away what somebody changed in the checkout.").default(false),
    user: owner("Account that fetches and owns it.").exactOptional(),
  }).refine((p) => p.state === "absent" || p.repo !== undefined, {
    path: ["repo"],
    message: "is required unless state is absent",
  });

type Params = z.output<ReturnType<typeof params>>;

export const git = defineResource<Params>({
  name: "git",
  summary: "Keeps a checkout of a git repository.",
  platforms: ["linux", "darwin"],
  params,
  main: "path",
  claims: (p) => [{ id: `file:${p.path}` }],
  after: (p) => [
    ...placeFollows(p.path, p.user === undefined ? {} : { owner: p.user }),
    "package:git",
  ],

  async check(p, host) {
    const there = await standing(p, host);
    if (p.state === "absent")
      return there === "checkout" ? differing("checkout", "there", undefined) : [];
    if (there === "nothing") return await firstChange(p, host);
    return [
      ...repoChange(await remoteUrl(host, p), p.repo ?? ""),
      ...(await commitChange(p, host)),
      ...(await localChange(p, host)),
      ...(await submoduleChange(p, host)),
    ];
  },

  async apply(p, host) {
    if (p.state === "absent") return await remove(p, host);
    if ((await standing(p, host)) === "nothing") await begin(p, host);
    else await mayMove(p, host);
    if ((await remoteUrl(host, p)) !== p.repo)
      await runGit(host, p, "config", "remote.origin.url", p.repo ?? "");
    if ((await wantedRemote(p, host)).commit !== (await commitAt(host, p, "HEAD")))
      await move(p, host);
    else if (p.force) await runGit(host, p, "reset", "--quiet", "--hard", "HEAD");
    if (p.submodules)
      await runGit(
        host,
        p,
        "submodule",
        "--quiet",
        "update",
        "--init",
        "--recursive",
        ...(p.force ? ["--force"] : []),
      );
  },

  examples: [
    {
      title: "The newest of a branch",
      params: {
        path: "/srv/site",
        repo: "https://git.example.net/site.git",
        revision: "main",
        depth: 1,
      },
    },
    {
      title: "One release, owned by another account",
      params: {
        path: "/opt/app",
        repo: "git@git.example.net:app.git",
        revision: "v1.4",
        user: "app",
      },
    },
    { title: "No checkout", params: { path: "/srv/site", state: "absent" } },
  ],
});

/** An empty folder is as good as none. */
async function standing(p: Params, host: ReadHost): Promise<"nothing" | "checkout"> {
  const there = await host.stat(p.path);
  if (there === undefined) return "nothing";
  if (there.kind !== "directory") throw inTheWay(p, `a ${there.kind}`);
  if ((await host.stat(`${p.path}/.git`)) !== undefined) return "checkout";
  if (((await host.list(p.path)) ?? []).length === 0) return "nothing";
  throw inTheWay(p, "a folder with something else in it");
}

const inTheWay = ({ path: at }: Params, what: string) =>
  new VigoError("failed", `${at} is ${what}, not a checkout`, {
    hint: "move it away, or choose another path",
  });

const isCommit = (revision: string | undefined): revision is string =>
  revision !== undefined && /^[0-9a-f]{40}$/.test(revision);

/** A whole commit needs nobody's answer. */
const wantedRemote = async (p: Params, host: ReadHost): Promise<Remote> =>
  isCommit(p.revision)
    ? { commit: p.revision, ref: p.revision }
    : await remoteRevision(host, p.repo ?? "", p.revision, p);

/** git, the user and the other side may all be made in this run: then there is no saying which commit it will be. */
async function firstChange(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const isLacking = p.user !== undefined && (await host.user(p.user)) === undefined;
  const hasGit = (await host.query({ argv: { shell: "command -v git" } })).code === 0;
  const isReady = hasGit && !isLacking;
  return differing(
    "commit",
    undefined,
    isReady ? (await wantedRemote(p, host)).commit : (p.revision ?? "HEAD"),
  );
}

const repoChange = (is: string | undefined, repo: string): readonly Change[] =>
  is === repo
    ? []
    : [{ field: "repo", from: is && shownRepo(is), to: shownRepo(repo), cause: "intent" }];

/** Where it was last fetched to: what has moved since then has moved on the other side. */
const fetched = ({ revision = "HEAD" }: Params) => `refs/vigo/${revision}`;

async function commitChange(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const [is, { commit }] = [await commitAt(host, p, "HEAD"), await wantedRemote(p, host)];
  if (is === commit) return [];
  const isMoved =
    !isCommit(p.revision) && is !== undefined && is === (await commitAt(host, p, fetched(p)));
  return differing("commit", is, commit, isMoved ? "upstream" : "intent");
}

async function localChange(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const changed = p.force ? await localChanges(host, p) : [];
  return changed.length === 0 ? [] : differing("files", named(changed), "as committed");
}

const named = (lines: readonly string[]) =>
  `changed by hand: ${lines
    .slice(0, 5)
    .map((line) => line.trim().replace(/^\S+ /, ""))
    .join(", ")}${lines.length > 5 ? " …" : ""}`;

async function submoduleChange(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const stale = p.submodules ? await staleSubmodules(host, p) : [];
  return stale.length === 0
    ? []
    : differing("submodules", `${stale.length} not as committed`, "as committed");
}

async function begin(p: Params, host: Host): Promise<void> {
  if ((await host.stat(p.path)) === undefined)
    await host.mkdir(p.path, {
      mode: 0o755,
      ...(await idsOf(host, { ...(p.user !== undefined && { owner: p.user }) })),
    });
  await runGit(host, p, "init", "--quiet");
  await runGit(host, p, "config", "remote.origin.url", p.repo ?? "");
}

/** What somebody changed by hand is not thrown away unasked. */
async function mayMove(p: Params, host: Host): Promise<void> {
  const changed = p.force ? [] : await localChanges(host, p);
  if (changed.length === 0) return;
  throw new VigoError("failed", `${p.path} has local changes (${named(changed)})`, {
    hint: "commit or undo them, or say force: true to throw them away",
  });
}

async function move(p: Params, host: Host): Promise<void> {
  const { commit, ref } = await wantedRemote(p, host);
  const depth = p.depth === undefined ? [] : ["--depth", `${p.depth}`];
  const into = isCommit(p.revision) ? [commit] : [`+${ref}:${fetched(p)}`];
  const known = isCommit(p.revision) && (await commitAt(host, p, commit)) !== undefined;
  if (!known) await fetch(p, host, [...depth, "origin", ...into]);
  await runGit(
    host,
    p,
    "checkout",
    "--quiet",
    "--detach",
    ...(p.force ? ["--force"] : []),
    commit,
    "--",
  );
}

const fetch = (p: Checkout, host: Host, words: readonly string[]) =>
  runGit(host, p, "fetch", "--quiet", "--no-recurse-submodules", ...words);

async function remove(p: Params, host: Host): Promise<void> {
  if ((await standing(p, host)) === "nothing") return;
  await mayMove(p, host);
  await host.remove(p.path, { recursive: true });
}
