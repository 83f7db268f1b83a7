/**
 * What a template reads, with the place of each and how it is printed. Must not know whether it exists: the policy does.
 */
import type { Liquid, Template as Parsed, Variable } from "liquidjs";

export interface Read {
  /** `vars.site.port` as its keys; list indices as text. Cut where a key is itself an expression. */
  readonly path: readonly string[];
  /** The path was cut: what is read lies somewhere below it. */
  readonly open: boolean;
  readonly line: number;
  readonly column: number;
  /** It may be undefined: under `default`, or in `if`, `elsif`, `unless`, `case`. */
  readonly lenient: boolean;
  /** The filters it is printed through, in order; undefined where it is not printed but steers (`if`, `for`, `assign`). */
  readonly printed: readonly string[] | undefined;
}

/** Names that tags bring along are left out: only what the scope must have. */
export function readsOf(liquid: Liquid, parsed: Parsed[], source: string): readonly Read[] {
  const { globals } = liquid.analyzeSync(parsed, { partials: false });
  const starts = lineStarts(source);
  return Object.values(globals)
    .flat()
    .map((variable) => readOf(variable, source, starts))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function readOf({ segments, location }: Variable, source: string, starts: readonly number[]): Read {
  const keys = segments.map((segment) => (typeof segment === "object" ? undefined : `${segment}`));
  const cut = keys.indexOf(undefined);
  const path = keys.slice(0, cut < 0 ? keys.length : cut).filter((key) => key !== undefined);
  const { row: line, col: column } = location;
  const around = tagAround(source, (starts[line - 1] ?? 0) + column - 1);
  return {
    path,
    open: cut >= 0,
    line,
    column,
    lenient: isLenient(around),
    printed: printedBy(around),
  };
}

interface Tag {
  readonly kind: "output" | "tag";
  /** Between the delimiters. */
  readonly text: string;
}

function tagAround(source: string, offset: number): Tag {
  const output = source.lastIndexOf("{{", offset);
  const tag = source.lastIndexOf("{%", offset);
  const kind = output > tag ? "output" : "tag";
  const end = source.indexOf(kind === "output" ? "}}" : "%}", offset);
  const inside = source.slice(Math.max(output, tag) + 2, end < 0 ? source.length : end);
  return { kind, text: inside.replace(/^-/, "").replace(/-$/, "").trim() };
}

/** A bar inside quotes starts no filter. */
const withoutQuoted = (text: string) => text.replace(/"[^"]*"|'[^']*'/g, '""');

const filtersIn = (text: string): readonly string[] =>
  [...withoutQuoted(text).matchAll(/\|\s*([\w-]+)/g)].map(([, name = ""]) => name);

const isLenient = ({ kind, text }: Tag): boolean =>
  (kind === "tag" && /^(?:if|elsif|unless|case|when)\b/.test(text)) ||
  filtersIn(text)[0] === "default";

const printedBy = ({ kind, text }: Tag) => (kind === "output" ? filtersIn(text) : undefined);

function lineStarts(source: string): readonly number[] {
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1))
    starts.push(at + 1);
  return starts;
}
