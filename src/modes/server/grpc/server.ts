/**
 * Port 1530: AgentService over HTTP/2 with mutual TLS. What every envoy asks often is served on the stream itself, the rest through
 * the router behind it. Limits whatever a stranger could make much of. Must not know what the calls do.
 */
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import type { AnyTraitType } from "../../../core/trait.ts";
import { asVigoError } from "../../../core/errors.ts";
import { maxMessageBytes, methods } from "../../../core/wire/service.ts";
import type { RenewClient } from "../enrolment/client-renewal.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Log } from "../../../core/log.ts";
import type { EnvoySecrets } from "../secrets/envoy-secrets.ts";
import type { LivePolicy } from "../policy/live.ts";
import type { Store } from "../store/store.ts";
import { Calls } from "./calls.ts";
import { checkIn, type CheckInOptions, type Pace } from "./check-in.ts";
import { Connections } from "./connections.ts";
import { collecting } from "./garbage.ts";
import { Gate, type Peer } from "./gate.ts";
import { GrpcMetrics } from "./metrics.ts";
import { Refusal } from "./refusal.ts";
import { reporting } from "./report-runs.ts";
import { router } from "./router.ts";
import { routes } from "./routes.ts";
import { Streams } from "./streams.ts";
import { type ServerTls, tlsOptions } from "./tls.ts";
import { TraitIntake } from "./traits.ts";
import { Turn } from "./turn.ts";
import { serveUnary, type Unary } from "./unary.ts";

export interface GrpcOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly host?: string;
  readonly tls: ServerTls;
  readonly serverId: string;
  readonly fleet: Fleet;
  readonly policy: Pick<LivePolicy, "isSettled" | "settle" | "isTicketDue" | "seal">;
  readonly store: Pick<Store, "traits" | "runs" | "audit">;
  readonly secrets: EnvoySecrets;
  /** Every trait this server knows. */
  readonly traits: readonly AnyTraitType[];
  readonly renew: RenewClient;
  /** Whom agents follow from the keys that they know (d: they know it). */
  readonly bundleKey?: CheckInOptions["bundleKey"];
  /** It is told to renew its certificate now. */
  readonly wantsRenewal: (envoy: Envoy) => boolean;
  readonly log: Log;
  /** Where orders leave (d: nobody has any). */
  readonly streams?: Streams;
  /** `checkin.splay` and `traits.volatile_interval` (d: what agents do by themselves). */
  readonly pace?: () => Pace;
  /** `tuning.signature_window` (d: 5 min). */
  readonly signatureWindowMs?: number;
  /** `tuning.max_message_mb`, in bytes (d: 4 MiB). */
  readonly maxMessageBytes?: number;
  /** Of this process (d: 15,000); those above it are ended once they are idle … */
  readonly keptConnections?: number;
  /** … and none are taken above this (d: two thirds more). */
  readonly maxConnections?: number;
  /** A connection that says nothing for so long is ended (d: 20 min) … */
  readonly idleMs?: number;
  /** … or, when it is above those that are kept, for so long (d: 5 s). */
  readonly briefMs?: number;
  /** A call that takes longer is cut (d: 60 s). */
  readonly callMs?: number;
}

export interface GrpcServer {
  readonly port: number;
  readonly metrics: GrpcMetrics;
  connections(): number;
  /** New connections get these; those that are open stay. */
  rotate(tls: ServerTls): void;
  /** Lets the calls under way finish for a while, then cuts. */
  close(graceMs?: number): Promise<void>;
}

/** Resolves when it listens; rejects when the address is taken. */
export async function startGrpc(options: GrpcOptions): Promise<GrpcServer> {
  const {
    keptConnections = 15_000,
    idleMs = 1_200_000,
    briefMs = 5_000,
    callMs = 60_000,
  } = options;
  const { maxConnections = Math.ceil((keptConnections * 5) / 3) } = options;
  const metrics = new GrpcMetrics();
  const server = createSecureServer({
    ...tlsOptions(options.tls),
    handshakeTimeout: 10_000,
    maxHeaderListPairs: 32,
    settings: { maxConcurrentStreams: 32, maxHeaderListSize: 8_192, enablePush: false },
  });
  const connections = new Connections(
    server,
    { maxConnections, keptConnections, idleMs, briefMs },
    metrics,
  );
  const calls = new Calls(callMs);
  const turn = new Turn();
  const collect = collecting(() => metrics.begun);
  const timer = setInterval(() => {
    turn.ran();
    collect();
  }, 100);
  timer.unref();
  serve(server, options, { metrics, connections, calls, turn });
  options.fleet.onRevoke(({ row }) => connections.cut(row.certificate, row.previousCertificate));
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    metrics,
    connections: () => connections.size,
    rotate: (tls) => server.setSecureContext(tlsOptions(tls)),
    close: async (graceMs = 5_000) => {
      await connections.close(graceMs);
      calls.stop();
      clearInterval(timer);
    },
  };
}

interface Parts {
  readonly metrics: GrpcMetrics;
  readonly connections: Connections;
  readonly calls: Calls;
  readonly turn: Turn;
}

/** Puts the two ways of serving on one port: the router's own listener is taken off and called for what is not ours. */
function serve(server: Http2SecureServer, options: GrpcOptions, parts: Parts): void {
  const { metrics, connections, calls, turn } = parts;
  const { serverId, fleet, log, signatureWindowMs: windowMs = 300_000 } = options;
  const { maxMessageBytes: maxBytes = maxMessageBytes } = options;
  const gate = new Gate({ serverId, fleet, windowMs, log });
  const failed = (caught: unknown) => account(caught, metrics, log);
  const { now } = fleet;
  const traits = new TraitIntake({ store: options.store.traits, registry: options.traits, now });
  const { streams = new Streams({ fleet, always: false }) } = options;
  const direct = new Map<unknown, Unary>([
    [methods.checkIn, checkIn({ ...options, traits, gate, metrics, streams })],
    [methods.reportRuns, reporting({ ...options, gate })],
  ]);
  const peerOf = (request: Http2ServerRequest) => connections.peer(request.stream.session) ?? gone;

  server.on(
    "request",
    router({ routes: routes({ ...options, gate, failed }), maxBytes, peerOf, failed }),
  );
  const [compat] = server.listeners("stream") as readonly StreamListener[];
  if (compat === undefined) throw new Error("node:http2 has no listener for requests");
  server.removeAllListeners("stream");
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest) => {
    const peer = connections.heard(stream.session);
    if (headers[":path"] === methods.stream) {
      connections.hold(stream);
      streams.accept(stream, { gate, peer: peer ?? gone, maxBytes, failed });
      return;
    }
    calls.watch(stream);
    const handle = direct.get(headers[":path"]);
    if (handle === undefined) compat.call(server, stream, headers, ...rest);
    else {
      const isRoomFor = () => connections.largeBegins(stream);
      serveUnary(stream, { handle, peer: peer ?? gone, maxBytes, isRoomFor, turn, failed });
    }
  });
}

type StreamListener = (
  this: Http2SecureServer,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  ...rest: readonly unknown[]
) => void;

/** A connection that ended while its call was on the way: it owns no envoy. */
const gone: Peer = { certificate: "", address: "" };

function account(caught: unknown, metrics: GrpcMetrics, log: Log): void {
  if (caught instanceof Refusal) metrics.refused.add(caught.reason);
  const error = asVigoError(caught);
  if (error.failure !== "internal") return;
  const bug = error.cause instanceof Error ? error.cause : error;
  log.error("a call failed", { error: bug.stack ?? bug.message });
}

const listen = (server: Http2SecureServer, { port, host }: GrpcOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off("error", reject);
      resolve();
    });
  });
