/** How something has been doing over time. Must not know how it was asked for. */
import type { Answer } from "../../../core/api/endpoint.ts";
import type { Sample, Stretch, showHistory } from "../../../core/api/history.ts";
import type { Screen } from "../../../core/command/screen.ts";
import { relative, took } from "./moment.ts";
import { table } from "./table.ts";
import { type Paint, painted } from "./text.ts";

type History = Answer<typeof showHistory>;

const words: Readonly<Record<Stretch["kind"], readonly [Paint, string]>> = {
  converged: ["green", "converged"],
  changed: ["cyan", "changed by the policy"],
  upstream: ["cyan", "brought up to date"],
  drift: ["yellow", "drift mended"],
  pending: ["yellow", "pending"],
  failed: ["red", "failed"],
  silent: ["red", "silent"],
};

export function printHistory(
  screen: Pick<Screen, "colour">,
  { since, runs, stretches }: History,
  now: Date,
): string {
  const counts = Object.entries(runs)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${words[kind as Stretch["kind"]][1]}`);
  const rows = stretches.map((stretch) => [
    painted(screen, ...words[stretch.kind]),
    relative(stretch.first_at, now),
    took(Date.parse(stretch.last_at) - Date.parse(stretch.first_at)),
    numbers(stretch),
  ]);
  return [
    table(screen, ["WAS", "FROM", "FOR", "RUNS"], rows, "No run in that time."),
    ...(counts.length === 0 ? [] : [`runs since ${since}: ${counts.join(", ")}`]),
  ].join("\n");
}

function numbers({ first, last }: Stretch): string {
  if (first === undefined || last === undefined) return "";
  return first === last ? String(first) : `${first} to ${last}`;
}

/** A row a sample; the bar is the share of converged envoys. */
export function printTrend(
  screen: Pick<Screen, "colour">,
  samples: readonly Sample[],
  now: Date,
): string {
  const rows = samples.map(({ at, envoys, drifting, intended, convergence_pct: share }) => [
    relative(at, now),
    share === undefined ? "" : `${bar(share)} ${share} %`,
    String(Object.values(envoys).reduce((sum, count) => sum + count, 0)),
    String(envoys.converged),
    String(intended),
    String(drifting),
    String(envoys.failed + envoys.degraded),
    String(envoys.offline),
  ]);
  return table(
    screen,
    ["AT", "CONVERGED", "ENVOYS", "STEADY", "INTENDED", "DRIFT", "FAILED", "OFFLINE"],
    rows,
    "Nothing noted in that time yet; the server notes how the fleet stands every 5 minutes.",
  );
}

const wide = 20;

const bar = (share: number): string => {
  const full = Math.floor((share / 100) * wide);
  return "█".repeat(full) + "·".repeat(wide - full);
};
