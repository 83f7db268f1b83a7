/** How a file differs, for people. Must not know what is compared. */
import type { Screen } from "../../../core/command/screen.ts";
import { painted, visible } from "./text.ts";

export interface FileDiff {
  readonly file: string;
  readonly change: "added" | "removed" | "changed";
  /** Unified; absent: no text, or too long. */
  readonly diff?: string;
}

export function printFileDiff(
  screen: Pick<Screen, "colour">,
  { file, change, diff }: FileDiff,
): string {
  const head = painted(screen, "bold", `${change} ${visible(file)}`);
  if (diff === undefined) return `${head}\n  (no text, or too long to compare)`;
  const lines = diff.replace(/\n$/, "").split("\n");
  return [head, ...lines.map((line) => coloured(screen, line))].join("\n");
}

const paints = { "+": "green", "-": "red", "@": "cyan" } as const;

function coloured(screen: Pick<Screen, "colour">, line: string): string {
  const sign = line[0] ?? "";
  const text = visible(line);
  return sign === "+" || sign === "-" || sign === "@" ? painted(screen, paints[sign], text) : text;
}
