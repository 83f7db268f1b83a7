/** Prints figures as a Markdown table, numbers to the right. Must not know what they mean. */

export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === "number" ? short(cell) : cell)),
  );
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column > 0)).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column > 0 ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [line(head), line(rule), ...cells.map(line)].join("\n");
}

const pad = (text: string, width: number, right: boolean) =>
  right ? text.padStart(width) : text.padEnd(width);

/** Three significant digits. */
const short = (value: number) =>
  value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
