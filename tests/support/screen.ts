/** A screen that remembers what was printed on it. */
import type { Screen } from "../../src/core/command/screen.ts";

export function recordingScreen(): Screen & { printed(): { out: string; err: string } } {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    colour: false,
    watched: false,
    printed: () => ({ out: out.join("\n"), err: err.join("\n") }),
  };
}
