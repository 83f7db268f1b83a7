/** What `task run` and `task rerun` both take. Must not know what is run. */
import { jsonFlag } from "../../../../core/command/command.ts";

export const orderFlags = {
  expires: {
    type: "string",
    description: "Who has not begun by then does not begin.",
    default: "1h",
    valueHint: "TIME",
  },
  "dry-run": { type: "boolean", description: "Only tell who would run it." },
  force: {
    type: "boolean",
    description: "Although a guardrail holds the command back; that is audited.",
  },
  follow: {
    type: "boolean",
    description: "Stay until it has ended, and show what is printed.",
    default: true,
  },
  json: { ...jsonFlag.json, description: "Print what happens as JSON, one event a line." },
} as const;
