/**
 * A client made of nothing of ours but the proto file: `@grpc/grpc-js`, and the envelope put together by hand from the words
 * of the specification. Must not import the wire's code, so that it would notice if that code were wrong.
 */
import { createHash, createPrivateKey, sign } from "node:crypto";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { LinkIdentity } from "../../../src/modes/agent/link.ts";

export interface Answer {
  /** Of the gRPC status; 0 is OK. */
  readonly code: number;
  readonly message: string;
  /** `vigo-reason`. */
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: what proto-loader makes has no type
  readonly response: any;
}

/** What one call does differently from a proper one. */
export interface Deviation {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly envoyId?: string;
  readonly seed?: Uint8Array;
  readonly timestampMs?: number;
  readonly sequence?: bigint;
  readonly serverId?: string;
  /** The method that is signed, when it is not the one that is called. */
  readonly signedMethod?: string;
  /** Changes the payload after it was signed. */
  readonly tamper?: (payload: Buffer) => Buffer;
}

const definition = loadSync("payloads.proto", {
  longs: String,
  defaults: true,
  includeDirs: ["proto", "tests/integration/grpc"],
});
// biome-ignore lint/suspicious/noExplicitAny: proto-loader gives no types
const vigo = (grpc.loadPackageDefinition(definition)["vigo"] as any).v1;
const der = Buffer.from("302e020100300506032b657004220420", "hex");

let last = 0n;

export class StockClient {
  // biome-ignore lint/suspicious/noExplicitAny: proto-loader gives no types
  readonly #client: any;
  readonly #identity: LinkIdentity;

  constructor(
    identity: LinkIdentity,
    { certificate, key }: Deviation | Record<string, undefined> = identity,
  ) {
    this.#identity = identity;
    const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
    const credentials = grpc.credentials.createSsl(pem(identity.ca), pem(key), pem(certificate));
    this.#client = new vigo.AgentService(identity.servers[0], credentials, {
      "grpc.ssl_target_name_override": "server.vigo.internal",
      "grpc.max_send_message_length": -1,
      "grpc.enable_retries": 0,
    });
  }

  /** `type` names the message that the payload is. */
  call(
    method: string,
    type: Parameters<typeof encode>[0],
    message: object,
    deviation: Deviation = {},
  ): Promise<Answer> {
    const payload = encode(type, message);
    const path = `/vigo.v1.AgentService/${method}`;
    const signed = envelope(this.#identity, path, payload, deviation);
    return this.raw(method, { signed });
  }

  /** Opens a stream, and holds it until it is ended; code -1: it is open. */
  open(message: object, deviation: Deviation = {}): Promise<Answer> {
    const payload = encode("StreamOpen", message);
    const path = "/vigo.v1.AgentService/Stream";
    const stream = this.#client.Stream();
    stream.write({ open: envelope(this.#identity, path, payload, deviation) });
    return new Promise((resolve) => {
      stream.on("metadata", () => resolve(answerOf(undefined, -1)));
      stream.on("error", (error: grpc.ServiceError) => resolve(answerOf(error, 0)));
      stream.on("data", () => {});
    });
  }

  raw(method: string, request: object): Promise<Answer> {
    return new Promise((resolve) => {
      const deadline = Date.now() + 10_000;
      const done = (error: grpc.ServiceError | null, response: unknown) =>
        resolve(answerOf(error ?? undefined, 0, response));
      this.#client[method](request, { deadline }, done);
    });
  }

  close(): void {
    this.#client.close();
  }
}

function answerOf(
  error: grpc.ServiceError | undefined,
  code: number,
  response: unknown = undefined,
): Answer {
  const metadata = error?.metadata?.getMap() ?? {};
  return {
    code: error?.code ?? code,
    message: error?.details ?? "",
    reason: metadata["vigo-reason"] as string | undefined,
    metadata,
    response,
  };
}

/** A payload's bytes, as another implementation of protobuf writes them. */
export function encode(
  type: "CheckIn" | "RunReports" | "CertificateRequest" | "StreamOpen",
  message: object,
) {
  const payloads = definition["vigo.test.Payloads"] as grpc.ServiceDefinition;
  const method = payloads[type];
  if (method === undefined) throw new Error(`payloads.proto has no ${type}`);
  return method.requestSerialize(message);
}

/** How many bytes an answer has on the wire. */
export function sizeOf(response: object): number {
  const service = definition["vigo.v1.AgentService"] as grpc.ServiceDefinition;
  return service["CheckIn"]?.responseSerialize(response).length ?? Number.NaN;
}

function envelope(
  identity: LinkIdentity,
  path: string,
  payload: Buffer,
  deviation: Deviation,
): object {
  const now = deviation.timestampMs ?? Date.now();
  const microseconds = BigInt(Date.now()) * 1000n;
  const next = microseconds > last ? microseconds : last + 1n;
  const sequence = deviation.sequence ?? next;
  if (sequence > last) last = sequence;
  const envoyId = deviation.envoyId ?? identity.envoyId;
  const numbers = Buffer.alloc(16);
  numbers.writeBigInt64BE(BigInt(now), 0);
  numbers.writeBigUInt64BE(sequence, 8);
  const message = Buffer.concat([
    Buffer.from(`vigo.v1.request\0${deviation.signedMethod ?? path}\0`),
    Buffer.from(`${deviation.serverId ?? identity.serverId}${envoyId}`),
    numbers,
    createHash("sha256").update(payload).digest(),
  ]);
  const seed = Buffer.concat([der, deviation.seed ?? identity.seed]);
  const key = createPrivateKey({ key: seed, format: "der", type: "pkcs8" });
  return {
    payload: deviation.tamper?.(payload) ?? payload,
    envoyId,
    timestampMs: String(now),
    sequence: String(sequence),
    signature: sign(null, message, key),
  };
}
