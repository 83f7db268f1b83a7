/** Flags that `run` and `apply` share. Must not know what they lead to. */
import type { Args } from "../../core/command/args.ts";

export const runFlags = {
  "dry-run": { type: "boolean", description: "Say what would change, and change nothing." },
  only: {
    type: "string",
    many: true,
    description: "Only this configcrate or CRATE/RESOURCE; may be given again.",
    valueHint: "WHAT",
  },
  skip: {
    type: "string",
    many: true,
    description: "All but this configcrate or CRATE/RESOURCE; may be given again.",
    valueHint: "WHAT",
  },
  "detailed-exitcode": {
    type: "boolean",
    description: "Exit 0 nothing to do, 10 changed, 11 failed, 12 both.",
  },
} as const satisfies Args;
