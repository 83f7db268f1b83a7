/** Rows in aligned columns. Must not know what is in them. */
import { stripVTControlCharacters } from "node:util";
import type { Screen } from "../../../core/command/screen.ts";
import { painted } from "./text.ts";

/** `empty` is printed when there are no rows. Cells are printed as they are: what came from elsewhere goes through `visible`. */
export function table(
  screen: Pick<Screen, "colour">,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): string {
  if (rows.length === 0) return empty;
  const all = [headings, ...rows];
  const widths = headings.map((_, at) => Math.max(...all.map((row) => width(row[at] ?? ""))));
  const line = (row: readonly string[]) =>
    headings
      .map((_, at) => {
        const cell = row[at] ?? "";
        return cell + " ".repeat((widths[at] ?? 0) - width(cell));
      })
      .join("  ")
      .trimEnd();
  return [painted(screen, "bold", line(headings)), ...rows.map(line)].join("\n");
}

/** `name   value`, one a line; those without a value are left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  const given = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  const wide = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(wide)}  ${value}`).join("\n");
}

const width = (cell: string): number => Bun.stringWidth(stripVTControlCharacters(cell));
