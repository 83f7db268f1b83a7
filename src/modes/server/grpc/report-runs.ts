/** ReportRuns: what agents have done goes into the store, and is acknowledged once it is there. Must not know transports. */
import { create, toBinary } from "@bufbuild/protobuf";
import { type Reported, reportsFromWire } from "../../../core/wire/convert.ts";
import {
  ReportRunsRequestSchema,
  ReportRunsResponseSchema,
  RunReportsSchema,
  type Signed,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { methods } from "../../../core/wire/service.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Store } from "../store/store.ts";
import type { Gate, Peer } from "./gate.ts";
import { readPayload } from "./payload.ts";
import type { Unary } from "./unary.ts";

export interface ReportOptions {
  readonly gate: Gate;
  readonly fleet: Fleet;
  readonly store: Pick<Store, "runs">;
}

/** On the stream itself, as check-ins are: after a publish every envoy reports within an interval. */
export const reporting =
  (options: ReportOptions): Unary =>
  async (message, peer) => {
    const { signed } = readPayload(ReportRunsRequestSchema, message);
    const committed = await reportRuns(options, signed, peer);
    return toBinary(ReportRunsResponseSchema, create(ReportRunsResponseSchema, { committed }));
  };

/**
 * Told twice, a run is kept once: the answer may have been lost. The answer gives the highest number known, so that an agent that
 * was restored from a backup sees that it gives numbers a second time.
 */
async function reportRuns(
  { gate, fleet, store }: ReportOptions,
  signed: Signed | undefined,
  peer: Peer,
): Promise<bigint> {
  const envoy = gate.admit(signed, methods.reportRuns, peer);
  const told = reportsFromWire(
    readPayload(RunReportsSchema, (signed as Signed).payload),
    fleet.now(),
  );
  const runs = told.flatMap((each) => (each.kind === "run" ? [each.run] : []));
  const spans = told.flatMap((each) => (each.kind === "span" ? [each.span] : []));
  const { id: envoyId, lastRun } = envoy;
  if (told.length > 0)
    await store.runs.record(
      envoyId,
      runs.map((run) => ({ envoyId, ...run })),
      spans.map((span) => ({ envoyId, ...span })),
    );
  fleet.ran(envoy, runs, spans);
  return BigInt(Math.max(lastRun, ...told.map(lastNumber)));
}

const lastNumber = (each: Reported): number =>
  each.kind === "run" ? each.run.number : each.span.last;
