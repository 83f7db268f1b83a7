/**
 * The agent's way to its server: signed unary calls over gRPC with mutual TLS, to its addresses in turn. Every failure is a
 * `VigoError`: network → unavailable, unknown id → missing, revoked → denied, clock → failed with the offset in its hint.
 * Must not know what the messages mean, nor when they are due.
 */
import { checkServerIdentity, type ConnectionOptions } from "node:tls";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type CallOptions, type Client, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { VigoError } from "../../core/errors.ts";
import { signingKey } from "../../core/pki/keys.ts";
import {
  AgentService,
  CertificateRequestSchema,
  type CheckInResponse,
  CheckInSchema,
  type RenewCertificateResponse,
  type ResolveSecretsResponse,
  RunReportsSchema,
  SecretRefsSchema,
  type Signed,
  StreamOpenSchema,
  type StreamRequest,
  StreamRequestSchema,
  type StreamResponse,
} from "../../core/wire/gen/vigo/v1/agent_pb.ts";
import { maxMessageBytes, metadata, methods, serverName } from "../../core/wire/service.ts";
import { signEnvelope } from "../../core/wire/signed.ts";
import { linkFailure, refusalReason } from "./link-failure.ts";
import { PreparedSession } from "./prepared-session.ts";
import type { ProxySettings } from "./proxy.ts";

/** What the agent's identity says about the wire. */
export interface LinkIdentity {
  readonly envoyId: string;
  readonly serverId: string;
  /** `host:port`; one that fails makes the next one's turn. */
  readonly servers: readonly string[];
  /** PEM: the client certificate, its private key, and the CAs the server's certificate may come from. */
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
  /** Raw Ed25519 seed, 32 bytes. */
  readonly seed: Uint8Array;
  readonly proxy?: ProxySettings;
}

export interface Link {
  checkIn(message: MessageInitShape<typeof CheckInSchema>): Promise<CheckInResponse>;
  /** Rejects with `denied` for what is not of this envoy's current bundle. */
  resolveSecrets(refs: MessageInitShape<typeof SecretRefsSchema>): Promise<ResolveSecretsResponse>;
  /** Gives the highest run number the server has committed: up to it the outbox may forget. */
  reportRuns(reports: MessageInitShape<typeof RunReportsSchema>): Promise<bigint>;
  /** In DER: the chain with the new client certificate first, and the CAs to trust from now on. */
  renewCertificate(
    request: MessageInitShape<typeof CertificateRequestSchema>,
  ): Promise<Pick<RenewCertificateResponse, "chain" | "authorities">>;
  /** Ends when the server has no more use of it; rejects like a call. What is told goes after the hello. */
  stream(
    hello: MessageInitShape<typeof StreamOpenSchema>,
    told: AsyncIterable<StreamRequest>,
    signal: AbortSignal,
  ): AsyncIterable<StreamResponse>;
  /** Ends the connections; calls that are under way fail as unavailable. */
  close(): void;
}

export interface LinkOptions {
  /** Milliseconds since 1970 (d: the system's clock). */
  readonly now?: () => number;
  /** Of one call to one address (d: 30 s). */
  readonly timeoutMs?: number;
  /** A connection that carries something is tried so often, which also keeps a NAT from forgetting it (d: 20 s). */
  readonly pingMs?: number;
}

type Agent = Client<typeof AgentService>;
type Send<R> = (agent: Agent, signed: Signed, options: CallOptions) => Promise<R>;

type Open = (agent: Agent, signed: Signed) => AsyncIterable<StreamResponse>;

interface Address {
  readonly server: string;
  readonly agent: Agent;
  readonly session: { abort(): void };
}

export function connectLink(identity: LinkIdentity, options: LinkOptions = {}): Link {
  const call = caller(identity, options);
  return {
    checkIn: (message) =>
      call.send(methods.checkIn, encode(CheckInSchema, message), (agent, signed, options) =>
        agent.checkIn({ signed }, options),
      ),
    resolveSecrets: (refs) =>
      call.send(methods.resolveSecrets, encode(SecretRefsSchema, refs), (agent, signed, options) =>
        agent.resolveSecrets({ signed }, options),
      ),
    reportRuns: (reports) =>
      call.send(methods.reportRuns, encode(RunReportsSchema, reports), (agent, signed, options) =>
        agent.reportRuns({ signed }, options).then(({ committed }) => committed),
      ),
    renewCertificate: (request) =>
      call.send(
        methods.renewCertificate,
        encode(CertificateRequestSchema, request),
        (agent, signed, options) => agent.renewCertificate({ signed }, options),
      ),
    stream: (hello, told, signal) =>
      call.stream(encode(StreamOpenSchema, hello), (agent, signed) =>
        agent.stream(greeted(signed, told), { signal, timeoutMs: 0 }),
      ),
    close: call.close,
  };
}

async function* greeted(signed: Signed, told: AsyncIterable<StreamRequest>) {
  yield create(StreamRequestSchema, { message: { case: "open", value: signed } });
  yield* told;
}

const encode = <D extends DescMessage>(schema: D, message: MessageInitShape<D>): Uint8Array =>
  toBinary(schema, create(schema, message));

function caller(
  identity: LinkIdentity,
  { now = Date.now, timeoutMs = 30_000, pingMs = 20_000 }: LinkOptions,
) {
  const key = signingKey(identity.seed);
  const addresses = identity.servers.map((server) => open(server, identity, pingMs));
  let turn = 0;
  let last = 0n;

  const signed = (method: string, payload: Uint8Array): Signed => {
    const at = now();
    // Above everything sent before, also by an earlier process or before a restore from a backup.
    last = max(last + 1n, BigInt(at) * 1000n);
    const { serverId, envoyId } = identity;
    const sequence = last;
    const envelope = { method, serverId, envoyId, timestampMs: BigInt(at), sequence, payload };
    return signEnvelope(envelope, key);
  };
  const once = <R>(address: Address, method: string, payload: Uint8Array, send: Send<R>) =>
    send(address.agent, signed(method, payload), { timeoutMs });
  const learn = (caught: unknown): boolean => {
    if (!(caught instanceof ConnectError) || refusalReason(caught) !== "replayed") return false;
    last = max(last, BigInt(caught.metadata.get(metadata.sequence) ?? 0));
    return true;
  };

  /** A clock that was set back makes numbers the server has seen; it says its highest, and the next one is above. */
  const twice = <R>(address: Address, method: string, payload: Uint8Array, send: Send<R>) =>
    once(address, method, payload, send).catch((caught: unknown) => {
      if (!learn(caught)) throw caught;
      return once(address, method, payload, send);
    });

  return {
    async send<R>(method: string, payload: Uint8Array, send: Send<R>): Promise<R> {
      let failure = new VigoError("failed", "this agent knows no server address");
      for (let tried = 0; tried < addresses.length; tried++) {
        const address = addresses[turn % addresses.length] as Address;
        try {
          return await twice(address, method, payload, send);
        } catch (caught) {
          failure = linkFailure(caught, address.server, now());
          if (failure.failure !== "unavailable") break;
          turn++;
        }
      }
      throw failure;
    },
    /** To one address; a failure makes the next one's turn at the next try. */
    async *stream(payload: Uint8Array, open: Open): AsyncIterable<StreamResponse> {
      const address = addresses[turn % addresses.length];
      if (address === undefined)
        throw new VigoError("failed", "this agent knows no server address");
      try {
        yield* open(address.agent, signed(methods.stream, payload));
      } catch (caught) {
        learn(caught);
        const failure = linkFailure(caught, address.server, now());
        if (failure.failure === "unavailable") turn++;
        throw failure;
      }
    },
    close() {
      for (const { session } of addresses) session.abort();
    },
  };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function open(
  server: string,
  { certificate, key, ca, proxy }: LinkIdentity,
  pingIntervalMs: number,
): Address {
  const baseUrl = `https://${server}`;
  // Idle connections stay, so that a check-in costs no handshake; one that was silent for a while proves itself first.
  const keep = { pingIntervalMs, pingTimeoutMs: 5_000, idleConnectionTimeoutMs: 900_000 };
  const tls: ConnectionOptions = {
    cert: certificate,
    key,
    ca,
    servername: serverName,
    checkServerIdentity: (_, peer) => checkServerIdentity(serverName, peer),
  };
  const session = new PreparedSession(server, keep, tls, proxy);
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager: session,
    readMaxBytes: maxMessageBytes,
    acceptCompression: [],
  });
  return { server, session, agent: createClient(AgentService, transport) };
}
