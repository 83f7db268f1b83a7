/**
 * Numbers as Prometheus reads them, text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Must not know what is measured.
 */
import type { Histogram } from "../counters.ts";

type Labels = Readonly<Record<string, string>>;

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly kind: "gauge" | "counter";
  readonly samples: Iterable<readonly [Labels, number]>;
}

export function family({ name, help, kind, samples }: Family): string {
  const lines = [...samples].map(
    ([labels, value]) => `${name}${braced(labels)} ${number(value)}\n`,
  );
  return `${heading(name, help, kind)}${lines.join("")}`;
}

/** Of one number without labels. */
export const single = (kind: Family["kind"], name: string, help: string, value: number): string =>
  family({ name, help, kind, samples: [[{}, value]] });

export function histogram(name: string, help: string, { bounds, counts, sum, count }: Histogram) {
  let below = 0;
  const buckets = bounds.map((bound, at) => {
    below += counts[at] ?? 0;
    return `${name}_bucket${braced({ le: String(bound) })} ${below}\n`;
  });
  const rest = `${name}_bucket{le="+Inf"} ${count}\n${name}_sum ${number(sum)}\n${name}_count ${count}\n`;
  return `${heading(name, help, "histogram")}${buckets.join("")}${rest}`;
}

const heading = (name: string, help: string, kind: string) =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`;

function braced(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const number = (value: number): string => (Number.isFinite(value) ? String(value) : "NaN");
