/** What waits in the outbox, as it travels. Apart from the outbox, so that a run that tells nobody loads nothing of it. Must not know who sends it. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { runToWire, spanToWire } from "../../core/wire/convert.ts";
import { Outcome, type RunReportSchema } from "../../core/wire/gen/vigo/v1/agent_pb.ts";
import type { Entry } from "./outbox.ts";

type Wire = MessageInitShape<typeof RunReportSchema>;

export function toWire(entry: Entry): Wire {
  if (entry.kind === "run")
    return { report: { case: "run", value: runToWire(entry.number, entry.report) } };
  if (entry.kind === "span") return { report: { case: "span", value: spanToWire(entry.span) } };
  const { first, last, at } = entry;
  const reason = `runs ${first} to ${last} are not told: there were more than could be kept`;
  const row = { key: "agent/outbox", type: "agent", outcome: Outcome.SKIPPED, reason };
  const value = { number: BigInt(last), startedAtMs: BigInt(at), outcome: Outcome.OK };
  return { report: { case: "run", value: { ...value, resources: [row] } } };
}
