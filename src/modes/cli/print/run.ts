/** One run with its resources. Must not know how it was asked for. */
import type { RunDetail } from "../../../core/api/runs.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { printChange } from "./change.ts";
import { relative, took } from "./moment.ts";
import { painted, stood, visible } from "./text.ts";

type Resource = RunDetail["resources"][number];

/** `all`: quiet resources too. */
export function printRun(
  screen: Pick<Screen, "colour">,
  run: RunDetail,
  { all, now }: { readonly all: boolean; readonly now: Date },
): string {
  const quiet = run.resources.filter(isQuiet);
  const shown = all ? run.resources : run.resources.filter((resource) => !isQuiet(resource));
  const left = run.resources.length - shown.length;
  return [
    `${visible(run.hostname)}  run ${run.number}  ${stood(screen, run.outcome)}`,
    `policy ${run.policy_version}, ${relative(run.started_at, now)} (${run.started_at}), ${took(run.duration_ms)}`,
    "",
    ...shown.map((resource) => printResource(screen, resource)),
    ...(left === 0
      ? []
      : [painted(screen, "dim", `${quiet.length} more ok or skipped; --all shows them`)]),
  ].join("\n");
}

const isQuiet = ({ outcome, changes }: Resource): boolean =>
  (outcome === "ok" || outcome === "skipped") && changes.length === 0;

function printResource(screen: Pick<Screen, "colour">, resource: Resource): string {
  const { outcome, key, type, reason, changes, duration_ms: ms } = resource;
  const told = [
    ...(reason === undefined ? [] : [visible(reason)]),
    ...changes.map((change) => printChange(screen, change)),
  ];
  const head = `${stood(screen, outcome).padEnd(7)}  ${visible(key)}  ${painted(screen, "dim", `${visible(type)}, ${took(ms)}`)}`;
  return [head, ...told.flatMap((text) => text.split("\n").map((line) => `         ${line}`))].join(
    "\n",
  );
}
