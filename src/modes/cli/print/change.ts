/** What changed, as people compare it: one line, or the lines that differ. Must not know what the field means. */
import type { Screen } from "../../../core/command/screen.ts";
import { painted, visible } from "./text.ts";

interface Change {
  readonly field: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly cause: string;
  /** A unified diff, made where the whole contents were. */
  readonly diff?: string | undefined;
}

const around = 2;
const longest = 60;

export function printChange(screen: Pick<Screen, "colour">, change: Change): string {
  const { field, from, to, cause } = change;
  const why = painted(screen, "dim", `(${cause})`);
  const name = visible(field);
  if (change.diff !== undefined)
    return [`${name}:  ${why}`, ...unified(screen, change.diff)].join("\n");
  if (!isLong(from) && !isLong(to))
    return `${name}: ${painted(screen, "red", shown(from))} → ${painted(screen, "green", shown(to))}  ${why}`;
  return [`${name}:  ${why}`, ...differing(screen, lines(from), lines(to))].join("\n");
}

function unified(screen: Pick<Screen, "colour">, diff: string): readonly string[] {
  const paints = { "+": "green", "-": "red", "@": "dim" } as const;
  const all = diff.replace(/\n$/, "").split("\n");
  return cut(all.map((line) => `  ${visible(line)}`)).map((line) => {
    const mark = line[2] ?? "";
    return mark === "+" || mark === "-" || mark === "@"
      ? painted(screen, paints[mark], line)
      : line;
  });
}

const shown = (value: string | undefined): string =>
  value === undefined ? "(nothing)" : value === "" ? '""' : visible(value);

const isLong = (value: string | undefined): boolean =>
  value !== undefined && (value.includes("\n") || value.length > 200);

const lines = (value: string | undefined): readonly string[] =>
  value === undefined ? [] : value.replace(/\n$/, "").split("\n");

/** What is between the equal beginning and the equal end, with two lines of each. */
function differing(
  screen: Pick<Screen, "colour">,
  from: readonly string[],
  to: readonly string[],
): readonly string[] {
  const least = Math.min(from.length, to.length);
  let head = 0;
  while (head < least && from[head] === to[head]) head++;
  let tail = 0;
  while (tail < least - head && from.at(-1 - tail) === to.at(-1 - tail)) tail++;
  const marked = (mark: string, some: readonly string[]) =>
    some.map((line) => `  ${mark} ${visible(line)}`);
  return [
    ...marked(" ", from.slice(Math.max(0, head - around), head)),
    ...cut(marked("-", from.slice(head, from.length - tail))).map((line) =>
      painted(screen, "red", line),
    ),
    ...cut(marked("+", to.slice(head, to.length - tail))).map((line) =>
      painted(screen, "green", line),
    ),
    ...marked(" ", from.slice(from.length - tail, from.length - tail + around)),
  ];
}

const cut = (some: readonly string[]): readonly string[] =>
  some.length <= longest
    ? some
    : [...some.slice(0, longest), `    … and ${some.length - longest} more lines`];
