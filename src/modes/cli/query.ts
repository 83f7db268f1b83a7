/** What the commands that ask the fleet share. Must not know what they ask. */
import { type QueryEvent, runQuery } from "../../core/api/query.ts";
import type { Args, Given } from "../../core/command/args.ts";
import { jsonFlag } from "../../core/command/command.ts";
import { VigoError } from "../../core/errors.ts";
import type { Cli } from "./command.ts";
import { QueryLines } from "./print/query.ts";

export const queryFlags = {
  cached: {
    type: "boolean",
    description: "From what machines told last, at once, without asking them.",
  },
  wait: {
    type: "string",
    description: "For those who do not answer; 10m at most.",
    default: "10s",
    valueHint: "TIME",
  },
  limit: {
    type: "string",
    description: "Rows, at most; the rest is counted.",
    default: "10000",
    valueHint: "N",
  },
  csv: { type: "boolean", description: "Comma-separated values, as RFC 4180 has them." },
  json: { ...jsonFlag.json, description: "Print what happens as JSON, one event a line." },
} as const satisfies Args;

/** The exit code: 1 when somebody has not answered. */
export async function askFleet(
  { follow, screen }: Pick<Cli, "follow" | "screen">,
  question: { readonly query: string; readonly targets: readonly string[] },
  { cached, wait, limit, csv, json }: Given<typeof queryFlags>,
): Promise<number> {
  const lines = new QueryLines(screen, json ? "json" : csv ? "csv" : "table");
  const body = { query: question.query, targets: [...question.targets], cached, wait, limit };
  let last: QueryEvent | undefined;
  try {
    for await (const event of follow(runQuery, { params: {}, body })) {
      lines.heed(event);
      last = event;
    }
  } catch (error) {
    throw last === undefined ? error : cutShort(error);
  }
  if (last?.kind === "end") return last.missing === 0 ? 0 : 1;
  throw cutShort(new VigoError("unavailable", "the server ended"));
}

/** A question is over with its connection: what machines say is of one moment, and not put together from two. */
function cutShort(error: unknown): unknown {
  if (!(error instanceof VigoError) || error.failure !== "unavailable") return error;
  return new VigoError("unavailable", `${error.message} before all had answered`, {
    hint: "what was printed is a part of the answer: ask again",
    cause: error,
  });
}
