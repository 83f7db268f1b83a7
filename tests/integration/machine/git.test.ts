import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { converge } from "../../../src/core/resource.ts";
import { git } from "../../../src/core/resources/git.ts";
import { still } from "../../support/cases.ts";
import { workshop } from "./workshop.ts";

const { host, fresh } = workshop();
const identity = ["-c", "user.name=t", "-c", "user.email=t@example.net"];
const run = (at: string, ...words: readonly string[]) =>
  execFileSync("git", ["-C", at, ...identity, ...words], { encoding: "utf8" }).trim();

function commit(at: string, text: string): string {
  fs.writeFileSync(`${at}/page`, text);
  run(at, "add", "page");
  run(at, "commit", "-q", "-m", text);
  return run(at, "rev-parse", "HEAD");
}

test.skipIf(Bun.which("git") === null)(
  "a real checkout follows, moves back, is mended and goes",
  async () => {
    const folder = fresh();
    const [repo, path] = [`${folder}/repo`, `${folder}/site`];
    fs.mkdirSync(repo);
    run(repo, "init", "-q", "-b", "main");
    const first = commit(repo, "one");
    run(repo, "tag", "-a", "v1", "-m", "v1");
    const settle = async (more: Readonly<Record<string, unknown>>) => {
      const turn = { ...still, type: git, params: git.params.parse({ path, repo, ...more }), host };
      const done = await converge(turn);
      expect(await converge(turn)).toEqual({ outcome: "ok" });
      return "changes" in done
        ? done.changes.map(({ field, to, cause }) => [field, to, cause])
        : done;
    };

    expect(await settle({ revision: "main" })).toEqual([["commit", first, "intent"]]);
    const second = commit(repo, "two");
    expect(await settle({ revision: "main" })).toEqual([["commit", second, "upstream"]]);
    expect(fs.readFileSync(`${path}/page`, "utf8")).toBe("two");
    expect(await settle({ revision: "v1" })).toEqual([["commit", first, "intent"]]);
    expect(await settle({ revision: second })).toEqual([["commit", second, "intent"]]);
    expect(await settle({})).toEqual({ outcome: "ok" });

    fs.writeFileSync(`${path}/page`, "by hand");
    const third = commit(repo, "three");
    const turn = { ...still, type: git, params: git.params.parse({ path, repo }), host };
    expect(await converge(turn)).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("has local changes (changed by hand: page)"),
    });
    expect(fs.readFileSync(`${path}/page`, "utf8")).toBe("by hand");
    expect(await settle({ force: true })).toEqual([
      ["commit", third, "intent"],
      ["files", "as committed", "intent"],
    ]);
    expect(fs.readFileSync(`${path}/page`, "utf8")).toBe("three");
    const gone = await converge({ ...turn, params: git.params.parse({ path, state: "absent" }) });
    expect([gone.outcome, fs.existsSync(path)]).toEqual(["changed", false]);
  },
  60_000,
);
