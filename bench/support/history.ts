/** What one envoy tells in a day, as agents tell it. Must not know where it is kept. */
import type { ResourceReport } from "../../src/core/converge/report.ts";
import type { Cause } from "../../src/core/resource.ts";
import type { RunRow, SpanRow } from "../../src/modes/server/store/store.ts";

const cadence = 300_000;
/** Runs of a day. */
const daily = 288;
const resources = 100;

const kinds = ["file", "package", "service", "user", "sysctl"] as const;
const crates = ["base", "web", "monitoring", "ssh", "backup"] as const;
const things = ["nginx.conf", "motd", "sudoers", "limits", "resolver", "exporter", "rsyslog"];

const keys = Array.from({ length: resources }, (_, at) => ({
  key: `${crates[at % crates.length]}/${things[at % things.length]}-${at}`,
  type: kinds[at % kinds.length] as string,
}));

/** Of one day: `nth` says which envoy it is, `day` which day. */
export function historyOf(
  envoyId: string,
  nth: number,
  from: number,
  day: number,
): { readonly runs: readonly RunRow[]; readonly spans: readonly SpanRow[] } {
  const first = day * daily + 1;
  const special = new Map<number, Kind>();
  if (nth % 100 === day % 7) for (let at = 0; at < daily; at++) special.set(at, "failed");
  special.set(96, "intent");
  special.set(168, "intent");
  special.set(Math.floor(Math.random() * daily), "drift");
  const runs = [...special]
    .sort(([a], [b]) => a - b)
    .map(([at, kind]) => runOf(envoyId, first + at, from + at * cadence, kind));
  return { runs, spans: between(envoyId, [...special.keys()], first, from) };
}

type Kind = "failed" | "intent" | "drift";

function between(
  envoyId: string,
  taken: readonly number[],
  first: number,
  from: number,
): readonly SpanRow[] {
  const edges = [-1, ...taken.toSorted((a, b) => a - b), daily];
  return edges.slice(1).flatMap((edge, at) => {
    const [begin, end] = [(edges[at] ?? -1) + 1, edge - 1];
    if (end < begin) return [];
    const moment = (number: number) => from + number * cadence;
    return [
      {
        envoyId,
        first: first + begin,
        last: first + end,
        firstAt: moment(begin),
        lastAt: moment(end),
      },
    ];
  });
}

function runOf(envoyId: string, number: number, startedAt: number, kind: Kind): RunRow {
  const touched = kind === "intent" ? 1 + Math.floor(Math.random() * 3) : 1;
  const from = Math.floor(Math.random() * (resources - touched));
  const skipped = 5;
  return {
    envoyId,
    number,
    policyVersion: 1_790_000_000 + Math.floor(number / 144),
    startedAt: startedAt + Math.floor(Math.random() * cadence),
    durationMs: 150 + Math.floor(Math.random() * 200),
    outcome: kind === "failed" ? "failed" : "changed",
    counts: {
      ok: resources - touched - skipped,
      changed: kind === "failed" ? 0 : touched,
      failed: kind === "failed" ? touched : 0,
      skipped,
      blocked: 0,
      pending: 0,
    },
    causes: kind === "failed" ? [] : [kind],
    resources: keys.map(({ key, type }, at) => {
      const duration_ms = Math.floor(Math.random() ** 4 * 40);
      if (at >= from && at < from + touched) return { key, type, duration_ms, ...changed(kind) };
      if (at % 20 === 7)
        return {
          key,
          type,
          outcome: "skipped",
          changes: [],
          reason: "its condition is false",
          duration_ms,
        };
      return { key, type, outcome: "ok", changes: [], duration_ms };
    }),
  };
}

/** Texts that do not compress: what is found on machines is not alike. */
const text = (bytes: number): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64");

function changed(kind: Kind): Pick<ResourceReport, "outcome" | "changes" | "reason"> {
  if (kind === "failed")
    return {
      outcome: "failed",
      changes: [],
      reason: `E: Unable to fetch http://mirror.example/pool/main/${text(12)}: temporary failure resolving`,
    };
  const cause: Cause = kind;
  return {
    outcome: "changed",
    changes: [
      { field: "content", from: text(150), to: text(150), cause },
      { field: "mode", from: "0600", to: "0644", cause },
    ],
  };
}
