/** Connections of many envoys to one server, and the no-change check-ins they make. */
import { type ClientHttp2Session, connect } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type SigningKey, signingKey } from "../../src/core/pki/keys.ts";
import {
  CheckInRequestSchema,
  CheckInResponseSchema,
  CheckInSchema,
  TicketSchema,
} from "../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { methods, serverName } from "../../src/core/wire/service.ts";
import { signEnvelope } from "../../src/core/wire/signed.ts";
import { frame } from "../../src/modes/server/grpc/framing.ts";
import type { BenchEnvoy, BenchWorld } from "./checkin-world.ts";

const headers = {
  ":method": "POST",
  ":path": methods.checkIn,
  "content-type": "application/grpc+proto",
  te: "trailers",
};

export class BenchClient {
  readonly #session: ClientHttp2Session;
  readonly #envoy: BenchEnvoy;
  readonly #serverId: string;
  readonly #key: SigningKey;
  #sequence = BigInt(Date.now()) * 1000n;
  #policyVersion = 0n;
  #bodyDigest: Uint8Array = new Uint8Array();
  #runs = 1n;

  private constructor(session: ClientHttp2Session, envoy: BenchEnvoy, serverId: string) {
    this.#session = session;
    this.#envoy = envoy;
    this.#serverId = serverId;
    this.#key = signingKey(Buffer.from(envoy.seed, "base64"));
  }

  static connect(
    port: number,
    world: BenchWorld & { readonly clientKey: string },
    envoy: BenchEnvoy,
  ): Promise<BenchClient> {
    const { tls, clientKey: key, serverId } = world;
    const session = connect(`https://127.0.0.1:${port}`, {
      ca: tls.ca,
      cert: envoy.certificate,
      key,
      servername: serverName,
    });
    return new Promise((resolve, reject) => {
      session.on("error", reject);
      session.on("connect", () => resolve(new BenchClient(session, envoy, serverId)));
    });
  }

  /** As an agent whose runs are steady: with its versions, a root and an open span. */
  async checkIn(): Promise<void> {
    this.#runs++;
    const message = create(CheckInSchema, {
      agentVersion: "0.1.0",
      registryDigest: new Uint8Array(32),
      hostname: "web-17.example.com",
      bootId: "4f6c3a52-8f0d-4c3b-9b7e-0d4c2a1b9e88",
      machineId: "bench",
      policyVersion: this.#policyVersion,
      bodyDigest: this.#bodyDigest,
      openSpan: {
        first: 1n,
        last: this.#runs,
        firstAtMs: 1_767_225_600_000n,
        lastAtMs: BigInt(Date.now()),
      },
    });
    const reply = await this.#call(toBinary(CheckInSchema, message));
    if (reply.length < 40) return;
    const { ticket, body } = fromBinary(CheckInResponseSchema, reply);
    if (ticket === undefined || body.length === 0) return;
    const { policyVersion, bodyDigest } = fromBinary(TicketSchema, ticket.ticket);
    this.#policyVersion = policyVersion;
    this.#bodyDigest = bodyDigest.slice();
  }

  close(): void {
    this.#session.destroy();
  }

  #call(payload: Uint8Array): Promise<Uint8Array> {
    const { id: envoyId } = this.#envoy;
    const signed = signEnvelope(
      {
        method: methods.checkIn,
        serverId: this.#serverId,
        envoyId,
        timestampMs: BigInt(Date.now()),
        sequence: ++this.#sequence,
        payload,
      },
      this.#key,
    );
    const message = frame(toBinary(CheckInRequestSchema, create(CheckInRequestSchema, { signed })));
    return new Promise((resolve, reject) => {
      const stream = this.#session.request(headers);
      const chunks: Buffer[] = [];
      let status: unknown;
      stream.on("response", (sent) => (status = sent["grpc-status"] ?? status));
      stream.on("trailers", (sent) => (status = sent["grpc-status"]));
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", reject);
      stream.on("close", () =>
        status === "0"
          ? resolve(Buffer.concat(chunks).subarray(5))
          : reject(new Error(`grpc-status ${String(status)}`)),
      );
      stream.end(message);
    });
  }
}
