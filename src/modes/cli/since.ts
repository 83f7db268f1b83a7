/** `--since`: how far a command looks back. Must not know at what. */
import type { Args } from "../../core/command/args.ts";

export const sinceFlag = (usual: string) =>
  ({
    since: {
      type: "string",
      description: "How far to look back: 90m, 24h, 7d.",
      default: usual,
      valueHint: "7d",
    },
  }) as const satisfies Args;
