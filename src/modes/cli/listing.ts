/**
 * Lists as people choose to see them: which columns, aligned or as CSV. A command says what its columns are; the rest is here.
 * Must not know what is listed.
 */
import { type Args, misused } from "../../core/command/args.ts";
import type { Screen } from "../../core/command/screen.ts";
import { unknownWord } from "../../core/did-you-mean.ts";
import { relative } from "./print/moment.ts";
import { table } from "./print/table.ts";
import { visible } from "./print/text.ts";

export const listFlags = {
  columns: {
    type: "string",
    description: "Which columns, in this order; `--columns help` names them.",
    valueHint: "a,b,c",
  },
  csv: { type: "boolean", description: "Comma-separated values, as RFC 4180 has them." },
} as const satisfies Args;

interface Chosen {
  readonly columns: string | undefined;
  readonly csv: boolean;
}

export interface Column<R> {
  /** What the row says here, exactly: for CSV, and for people unless they have `shown`. */
  value(row: R): string;
  /** The same for people; may be painted, so it must be fit for a terminal. */
  shown?(row: R, screen: Pick<Screen, "colour">, now: Date): string;
  /** Not shown unless it is asked for. */
  readonly extra?: true;
}

/** A moment: as it is for programs, by now for people. */
export const momentOf = <R>(at: (row: R) => string | undefined): Column<R> => ({
  value: (row) => at(row) ?? "",
  shown: (row, _, now) => relative(at(row), now),
});

/** By name, in the order in which they are shown. */
export type Columns<R> = Readonly<Record<string, Column<R>>>;

type Named<R> = readonly [name: string, column: Column<R>];

export interface List<R> {
  readonly columns: Columns<R>;
  readonly rows: readonly R[];
  /** What is printed for people when there are none. */
  readonly empty: string;
  /** A column that is not named beforehand; undefined: there is none of this name. */
  more?(name: string): Column<R> | undefined;
}

/** Throws `invalid` for a column that is not there. */
export function printList<R>(
  screen: Pick<Screen, "colour">,
  list: List<R>,
  { columns, csv }: Chosen,
  now: Date,
): string {
  const chosen = choose(list, columns);
  if (columns === "help") return Object.keys(list.columns).join("\n");
  if (csv)
    return [chosen.map(([name]) => name), ...list.rows.map(values(chosen))]
      .map(csvLine)
      .join("\r\n");
  const cells = (row: R) =>
    chosen.map(([, { value, shown }]) => shown?.(row, screen, now) ?? visible(value(row)));
  const headings = chosen.map(([name]) => name.toUpperCase());
  return table(screen, headings, list.rows.map(cells), list.empty);
}

function choose<R>({ columns, more }: List<R>, wanted: string | undefined): readonly Named<R>[] {
  if (wanted === undefined || wanted === "help")
    return Object.entries(columns).filter(([, { extra }]) => extra !== true);
  return columnNames(wanted).map((name) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : more?.(name);
    if (column !== undefined) return [name, column];
    throw misused(unknownWord("column", name, Object.keys(columns)));
  });
}

/** What `--columns` names, in order. */
export const columnNames = (wanted: string | undefined): readonly string[] =>
  wanted === undefined ? [] : wanted.split(",").map((name) => name.trim());

const values =
  <R>(chosen: readonly Named<R>[]) =>
  (row: R): readonly string[] =>
    chosen.map(([, { value }]) => visible(value(row)));

/** Without its end. Files of them are looked at on terminals as well, so nothing in them steers one. */
export const csvLine = (cells: readonly string[]): string =>
  cells.map((cell) => quoted(visible(cell))).join(",");

/** Spreadsheets take `=…` and its like for formulas and run them: what strangers report must stay text. */
function quoted(cell: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(cell) && !/^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(cell);
  const safe = isFormula ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) || safe !== cell ? `"${safe.replaceAll('"', '""')}"` : safe;
}
