/** How workflows publish: the stacks of this host, through the gates that everyone passes. Must not know workflows. */
import files from "node:fs/promises";
import { loadTree } from "../../../core/policy/load.ts";
import { type Problem, printProblem } from "../../../core/problem.ts";
import { rolloutState } from "../../../core/rollout/rollout.ts";
import { history } from "../../../core/publish/live.ts";
import type { Home } from "../home.ts";
import type { LivePolicy } from "../policy/live.ts";
import type { Publishing } from "../policy/publishing.ts";
import type { Store } from "../store/store.ts";
import type { Publications } from "./publication.ts";

interface Deps {
  readonly home: Pick<Home, "folder" | "stacks">;
  readonly publishing: Pick<Publishing, "publish">;
  readonly store: Pick<Store, "rollouts">;
  readonly policy: Pick<LivePolicy, "edition">;
}

export function publications({ home, publishing, store, policy }: Deps): Publications {
  return {
    async find(source) {
      const versions = await history(files, home.folder);
      return versions.find((manifest) => manifest.source === source)?.version;
    },
    async publish(what) {
      const { tree, problems } = await loadTree(files, home.stacks);
      if (problems.length > 0) return { refused: saidOf(problems) };
      const consent = { yes: false, skipUrls: false };
      const answer = await publishing.publish({ ...what, tree, now: new Date() }, consent);
      if (answer.outcome === "published") return { version: answer.version };
      if (answer.outcome === "refused") return { refused: saidOf(answer.problems) };
      return answer.outcome === "unchanged" ? undefined : { refused: answer.over.join("; ") };
    },
    async spread(version) {
      const live = policy.edition?.manifest.version;
      const row = await store.rollouts.find(version);
      const end = row && rolloutState.parse(row.state).end;
      if (end?.outcome === "done") return "done";
      if (end !== undefined) return { why: `it was taken back: ${end.why}` };
      return live === version ? "going on" : { why: `version ${live ?? "?"} is live in its place` };
    },
  };
}

function saidOf(problems: readonly Problem[]): string {
  const [first] = problems;
  if (first === undefined) return "it was refused";
  const more = problems.length > 1 ? `, and ${problems.length - 1} more problems` : "";
  return `${printProblem(first)}${more}`;
}
