import { expect, test } from "bun:test";
import { converge } from "../../src/core/resource.ts";
import { explain } from "../../src/core/params.ts";
import { mustSucceed } from "../../src/core/tools/exit.ts";
import { git } from "../../src/core/resources/git.ts";
import { parseRefs } from "../../src/core/tools/git.ts";
import { cases, still } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";

const at = "/srv/site";
const repo = "https://git.example.net/site.git";
const [a, b] = ["a".repeat(40), "b".repeat(40)];
const wish = { path: at, repo, revision: "main" };
const head = `git -C ${at} rev-parse --verify --quiet --end-of-options HEAD^{commit}`;
const kept = `git -C ${at} rev-parse --verify --quiet --end-of-options refs/vigo/main^{commit}`;
const url = `git -C ${at} config --get remote.origin.url`;
const list = `git ls-remote -- ${repo} refs/heads/main refs/tags/main refs/tags/main^{}`;
const status = `git -C ${at} status --porcelain --untracked-files=no --ignore-submodules=all`;
const init = `git -C ${at} init --quiet`;
const origin = `git -C ${at} config remote.origin.url ${repo}`;
const fetch = `git -C ${at} fetch --quiet --no-recurse-submodules origin +refs/heads/main:refs/vigo/main`;
const checkout = `git -C ${at} checkout --quiet --detach ${b} --`;

/** As git answers from what the files of the fake hold. */
const commands = {
  [head]: (files: Map<string, string>) => files.get("/head") ?? { code: 1, stdout: "", stderr: "" },
  [kept]: (files: Map<string, string>) => files.get("/kept") ?? { code: 1, stdout: "", stderr: "" },
  [url]: (files: Map<string, string>) => files.get("/url") ?? { code: 1, stdout: "", stderr: "" },
  [list]: `${b}\trefs/heads/main\n`,
  [status]: "",
  "command -v git": "/usr/bin/git\n",
  [init]: (files: Map<string, string>) => {
    files.set(`${at}/.git/HEAD`, "");
    return "";
  },
  [origin]: (files: Map<string, string>) => {
    files.set("/url", `${repo}\n`);
    return "";
  },
  [fetch]: "",
  [checkout]: (files: Map<string, string>) => {
    files.set("/head", b);
    return "";
  },
};
const there = { [`${at}/.git/HEAD`]: "", "/url": `${repo}\n` };

cases(git, {
  "makes a checkout": {
    given: { commands },
    wish,
    does: [`mkdir ${at}`, `run ${init}`, `run ${origin}`, `run ${fetch}`, `run ${checkout}`],
    says: { commit: [undefined, b] },
  },
  "leaves a right one alone": {
    given: { commands, files: { ...there, "/head": b } },
    wish,
    does: [],
  },
  "follows a branch": {
    given: { commands, files: { ...there, "/head": a, "/kept": a } },
    wish,
    does: [`run ${fetch}`, `run ${checkout}`],
    says: { commit: [a, b] },
  },
  "asks nobody about a commit": {
    given: {
      commands: { ...commands, [list]: { code: 128, stdout: "", stderr: "" } },
      files: { ...there, "/head": b },
    },
    wish: { ...wish, revision: b },
    does: [],
  },
  "keeps what somebody changed": {
    given: {
      commands: { ...commands, [status]: " M index.html\n" },
      files: { ...there, "/head": a },
    },
    wish,
    does: [],
    ends: "failed",
    because: "/srv/site has local changes (changed by hand: index.html) (commit or undo them",
  },
  "waits for a server that does not answer": {
    given: {
      commands: {
        ...commands,
        [list]: { code: 128, stdout: "", stderr: "fatal: unable to access: timed out\n" },
      },
      files: { ...there, "/head": a },
    },
    wish,
    does: [],
    ends: "blocked",
    because: "cannot ask https://git.example.net/site.git: fatal: unable to access",
  },
  "knows a branch that is not there": {
    given: { commands: { ...commands, [list]: "" }, files: { ...there, "/head": a } },
    wish,
    does: [],
    ends: "failed",
    because: "has no branch or tag main",
  },
  "does not take another folder": {
    given: { files: { [`${at}/x`]: "" } },
    wish,
    does: [],
    ends: "failed",
    because: "/srv/site is a folder with something else in it, not a checkout",
  },
  "goes to another repository, and tells nobody its password": {
    given: {
      commands,
      files: { ...there, "/head": b, "/url": "https://me:secret@old.example.net/site.git" },
    },
    wish,
    does: [`run ${origin}`],
    says: { repo: ["https://me:…@old.example.net/site.git", repo] },
  },
  "removes a checkout": {
    given: { commands, files: there },
    wish: { path: at, state: "absent" },
    does: [`remove ${at}`],
    leaves: { [`${at}/.git/HEAD`]: undefined },
  },
  "has nothing to remove": { given: {}, wish: { path: at, state: "absent" }, does: [] },
});

test("a branch that moved is upstream, a HEAD that somebody moved is not", async () => {
  const causes = async (head: string, kept: string) => {
    const { host } = fakeHost({ commands, files: { ...there, "/head": head, "/kept": kept } });
    const turn = { ...still, dryRun: true, type: git, params: git.params.parse(wish), host };
    const outcome = await converge(turn);
    return "changes" in outcome ? outcome.changes.map(({ cause }) => cause) : [];
  };
  expect(await causes(a, a)).toEqual(["upstream"]);
  expect(await causes(a, b)).toEqual(["intent"]);
});

test("refs are lines of commit and name", () =>
  expect([...parseRefs(`${a}\trefs/tags/v1\n${b}\trefs/tags/v1^{}\n`)]).toEqual([
    ["refs/tags/v1", a],
    ["refs/tags/v1^{}", b],
  ]));

test.each([
  [{ path: at }, "repo: is required"],
  [{ ...wish, repo: "--upload-pack=x" }, "repo: must be an address"],
  [{ ...wish, revision: "-x" }, "revision: must be the name"],
  [{ ...wish, revision: "a..b" }, "revision: must be the name"],
])("refuses %j", (given, message) => {
  const { error } = git.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});

test("of what git says, the reason counts and not that it gives up", async () => {
  const stderr =
    "Cloning into '/srv/site/part'...\nfatal: could not create work tree dir 'part': Permission denied\nFailed to clone 'part' a second time, aborting\n";
  const said = mustSucceed("git submodule", Promise.resolve({ code: 1, stdout: "", stderr }));
  await expect(said).rejects.toThrow(/exit 1: fatal: could not create .*: Permission denied$/);
});
