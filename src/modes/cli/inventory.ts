/** What the commands about installed packages share. Must not know what each of them asks. */
import type { Args } from "../../core/command/args.ts";
import { atMost } from "./pages.ts";

export const hostnameFlag = {
  hostname: {
    type: "string",
    description: "Only on envoys whose name matches.",
    valueHint: "web-*",
  },
} as const satisfies Args;

export const most = (limit: string): number => Math.min(atMost(limit), 10_000);

export const leftOut = (rows: number): readonly string[] =>
  rows === 0 ? [] : [`${rows} more rows; --limit shows more`];
