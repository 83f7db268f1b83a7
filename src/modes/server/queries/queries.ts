/**
 * Queries that are being answered: out over every open stream at once, answers in as they come; envoys without a stream are told to open
 * one, and are asked as long as the query lasts. Must not know HTTP, nor how those who are asked are chosen.
 */
import type { QueryEvent } from "../../../core/api/query.ts";
import { VigoError } from "../../../core/errors.ts";
import type { Query } from "../../../core/query/query.ts";
import type { StreamRequest } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Correspondent, Streams } from "../grpc/streams.ts";
import type { Signing } from "../tasks/orders.ts";
import { Asking } from "./asking.ts";
import { queryOrder } from "./order.ts";
import { QueryTally } from "./tally.ts";

export interface QueriesOptions {
  readonly fleet: Pick<Fleet, "onRevoke" | "status" | "intervalMs">;
  readonly streams: Pick<Streams, "sendFramed" | "isOpen" | "serve">;
  readonly signing: Signing;
  readonly now?: () => number;
}

export interface Wish {
  readonly id: string;
  readonly waitMs: number;
  /** Rows. */
  readonly limit: number;
  /** Nobody reads the answers any more. */
  readonly gone?: AbortSignal;
}

const mostAtOnce = 16;
/** Of all answers of a query together, in bytes; of one envoy's, at least and at most. */
const answers = { all: 32 * 1024 * 1024, least: 2 * 1024, most: 1024 * 1024 };
/** Who was asked without a stream has one for the next query as well: so many of its intervals. */
const promotedIntervals = 2;

interface Running {
  readonly asking: Asking;
  readonly order: Uint8Array;
}

export class Queries implements Correspondent {
  readonly #options: QueriesOptions;
  readonly #now: () => number;
  readonly #running = new Map<string, Running>();
  /** Until when a stream is wished for, by envoy. */
  readonly #promoted = new Map<string, number>();

  constructor(options: QueriesOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    options.streams.serve(this);
    options.fleet.onRevoke(({ id }) => {
      for (const { asking } of this.#running.values()) asking.lose(id);
    });
  }

  /** What happens, until it is over; who stops reading ends it. Throws `limited` while too many are being answered. */
  run(
    query: Query,
    envoys: readonly Envoy[],
    { id, waitMs, limit, gone }: Wish,
  ): AsyncIterable<QueryEvent> {
    if (this.#running.size >= mostAtOnce)
      throw new VigoError("limited", `${mostAtOnce} queries are being answered already`, {
        hint: "try again in a moment",
      });
    const { streams, signing } = this.#options;
    const now = this.#now();
    const share = Math.floor(answers.all / envoys.length);
    const answerLimit = Math.min(answers.most, Math.max(answers.least, share));
    const order = queryOrder({ id, query, timeoutMs: waitMs, answerLimit }, signing, now);
    const reached = envoys.filter((envoy) => streams.isOpen(envoy.id));
    const tally = new QueryTally(query, envoys.length, limit);
    const asking = new Asking({
      ...{ id, envoys, tally, waitMs, answerLimit },
      paths: query.paths.length,
      mayAnswer: (envoy) => this.#mayAnswer(envoy, now + waitMs),
      excuse: (envoy) => this.#excuse(envoy, waitMs),
      ended: () => this.#running.delete(id),
    });
    gone?.addEventListener("abort", () => asking.stop());
    if (!asking.isOver) this.#running.set(id, { asking, order });
    for (const envoy of envoys) this.#promote(envoy, waitMs);
    for (const { id: to } of reached) streams.sendFramed(to, order);
    return told(tally.begin(reached.length), asking);
  }

  wants(envoyId: string): boolean {
    const until = this.#promoted.get(envoyId);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#promoted.delete(envoyId);
    return false;
  }

  opened({ id }: Envoy): void {
    for (const { asking, order } of this.#running.values())
      if (asking.isOpen(id)) this.#options.streams.sendFramed(id, order);
  }

  heard(envoy: Envoy, { case: kind, value }: StreamRequest["message"]): void {
    if (kind === "answer") this.#running.get(value.queryId)?.asking.take(envoy, value);
  }

  #promote(envoy: Envoy, waitMs: number): void {
    const { streams, fleet } = this.#options;
    if (streams.isOpen(envoy.id)) return;
    const until = this.#now() + waitMs + promotedIntervals * fleet.intervalMs(envoy);
    this.#promoted.set(envoy.id, until);
  }

  /** It has a stream, or its next check-in opens one in time. */
  #mayAnswer(envoy: Envoy, until: number): boolean {
    const { streams, fleet } = this.#options;
    if (streams.isOpen(envoy.id)) return true;
    return fleet.status(envoy) !== "offline" && this.#nextAt(envoy) < until;
  }

  /** The earliest that agents call; one that was never seen may call at any time. */
  #nextAt(envoy: Envoy): number {
    const { lastSeenAt } = envoy;
    return lastSeenAt === undefined
      ? this.#now()
      : lastSeenAt + 0.5 * this.#options.fleet.intervalMs(envoy);
  }

  #excuse(envoy: Envoy, waitMs: number): string {
    const { streams, fleet } = this.#options;
    if (envoy.row.revokedAt !== undefined) return "it was revoked";
    if (streams.isOpen(envoy.id)) return `no answer within ${waitMs / 1000} s`;
    if (fleet.status(envoy) !== "offline")
      return "it has no stream yet: its next check-in opens one";
    const { lastSeenAt } = envoy;
    return lastSeenAt === undefined
      ? "offline: it was never seen"
      : `offline, seen last ${new Date(lastSeenAt).toISOString()}`;
  }
}

async function* told(begin: QueryEvent, asking: Asking): AsyncGenerator<QueryEvent> {
  try {
    yield begin;
    yield* asking.events();
  } finally {
    asking.stop();
  }
}
