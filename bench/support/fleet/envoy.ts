/** One simulated envoy: a connection with its own certificate, and the signed calls it makes. Must not know when they are due. */
import { type ClientHttp2Session, connect } from "node:http2";
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type SigningKey, signingKey } from "../../../src/core/pki/keys.ts";
import {
  CheckInRequestSchema,
  CheckInResponseSchema,
  CheckInSchema,
  RunReportsSchema,
  type Signed,
  StreamOpenSchema,
  TicketSchema,
} from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { methods, serverName } from "../../../src/core/wire/service.ts";
import { signEnvelope } from "../../../src/core/wire/signed.ts";
import { frame } from "../../../src/modes/server/grpc/framing.ts";
import { SimulatedStream } from "./stream.ts";
import { Facts, type Identity, selfOf } from "./machine.ts";

type Section = { readonly name: string; readonly value: Uint8Array };

export class SimulatedEnvoy {
  readonly #identity: Identity;
  readonly #host: string;
  readonly #key: SigningKey;
  readonly #number: number;
  readonly #facts = new Facts();
  #session: ClientHttp2Session | undefined;
  #sequence = 0n;
  #policyVersion = 0n;
  #bodyDigest: Uint8Array = new Uint8Array();
  #sections: readonly Section[] = [];
  #isWished = false;
  #stream: SimulatedStream | undefined;
  #runs = 1;
  #spanFrom = 1;
  #spanAt = Date.now();

  constructor(identity: Identity, host: string, number: number) {
    this.#identity = identity;
    this.#host = host;
    this.#number = number;
    this.#key = signingKey(identity.seed);
  }

  get hasBundle(): boolean {
    return this.#bodyDigest.length > 0;
  }

  /** Does nothing while a connection is open. */
  connect(): Promise<void> {
    if (this.#session !== undefined) return Promise.resolve();
    const { ca, certificate: cert, key, grpcPort } = this.#identity;
    const session = connect(`https://${this.#host}:${grpcPort}`, {
      ca,
      cert,
      key,
      servername: serverName,
    });
    this.#session = session;
    const ended = () => {
      if (this.#session === session) this.#session = undefined;
    };
    session.on("close", ended);
    return new Promise((resolve, reject) => {
      session.on("error", (error) => {
        ended();
        reject(error);
      });
      session.on("close", () => reject(new Error("closed")));
      session.on("connect", () => resolve());
    });
  }

  /** Without a word, as when a network fails. */
  drop(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }

  /** One section gets another value; the next check-in tells it. */
  change(): void {
    this.#sections = [this.#facts.change(Math.random())];
  }

  /** As an agent whose runs are steady: its versions, its root, its open span. */
  async checkIn(): Promise<void> {
    await this.connect();
    this.#runs++;
    const { machine_id: machineId, boot_id: bootId } = selfOf(this.#number);
    const reply = await this.#call(methods.checkIn, CheckInSchema, {
      agentVersion: "0.1.0",
      registryDigest: new Uint8Array(32),
      hostname: this.#identity.hostname,
      bootId,
      machineId,
      policyVersion: this.#policyVersion,
      bodyDigest: this.#bodyDigest,
      traitsRoot: this.#facts.root,
      sections: this.#sections.map(({ name, value }) => ({
        name,
        value,
        collectedAtMs: BigInt(Date.now()),
      })),
      openSpan: {
        first: BigInt(this.#spanFrom),
        last: BigInt(this.#runs),
        firstAtMs: BigInt(this.#spanAt),
        lastAtMs: BigInt(Date.now()),
      },
    });
    const { sectionsWanted, ticket, body, openStream } = fromBinary(CheckInResponseSchema, reply);
    this.#isWished = openStream;
    const wanted = new Set(sectionsWanted);
    this.#sections = this.#facts.all.filter(({ name }) => wanted.has(name));
    if (ticket === undefined) return;
    const { policyVersion, bodyDigest } = fromBinary(TicketSchema, ticket.ticket);
    this.#policyVersion = policyVersion;
    if (body.length > 0) this.#bodyDigest = bodyDigest.slice();
  }

  /** As the last check-in wished; true: there is one. */
  stream(): boolean {
    if (this.#stream?.isOpen === true) return true;
    if (!this.#isWished || this.#session === undefined) return false;
    const { machine_id: machineId, boot_id: bootId } = selfOf(this.#number);
    const hello = toBinary(StreamOpenSchema, create(StreamOpenSchema, { bootId, machineId }));
    const signed = this.#sign(methods.stream, hello);
    this.#stream = new SimulatedStream(this.#session, signed, this.#number % 100);
    return true;
  }

  /** A run that mended one of ten resources. */
  async report(): Promise<void> {
    await this.connect();
    const number = ++this.#runs;
    const run = {
      number: BigInt(number),
      policyVersion: this.#policyVersion,
      startedAtMs: BigInt(Date.now()),
      durationMs: 180,
      outcome: 2,
      resources: Array.from({ length: 10 }, (_, at) => ({
        key: `web/file-${at}`,
        type: "file",
        outcome: at === 0 ? 2 : 1,
        changes: at === 0 ? [{ field: "mode", from: "0600", to: "0644", cause: 2 }] : [],
        durationMs: 2,
      })),
    };
    await this.#call(methods.reportRuns, RunReportsSchema, {
      reports: [{ report: { case: "run", value: run } }],
    });
    this.#spanFrom = this.#runs + 1;
    this.#runs = this.#spanFrom;
    this.#spanAt = Date.now();
  }

  #call<D extends DescMessage>(
    method: string,
    schema: D,
    message: MessageInitShape<D>,
  ): Promise<Uint8Array> {
    const signed = this.#sign(method, toBinary(schema, create(schema, message)));
    // All requests have this one shape.
    const bytes = toBinary(CheckInRequestSchema, create(CheckInRequestSchema, { signed }));
    return unary(this.#session, method, frame(bytes));
  }

  #sign(method: string, payload: Uint8Array): Signed {
    const { id: envoyId, serverId } = this.#identity;
    const now = BigInt(Date.now());
    const next = now * 1000n;
    this.#sequence = next > this.#sequence ? next : this.#sequence + 1n;
    const envelope = {
      method,
      serverId,
      envoyId,
      timestampMs: now,
      sequence: this.#sequence,
      payload,
    };
    return signEnvelope(envelope, this.#key);
  }
}

function unary(
  session: ClientHttp2Session | undefined,
  method: string,
  message: Uint8Array,
): Promise<Uint8Array> {
  if (session === undefined || session.closed) return Promise.reject(new Error("closed"));
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": method,
      "content-type": "application/grpc+proto",
      te: "trailers",
    });
    const chunks: Buffer[] = [];
    let status: unknown;
    const read = (sent: Readonly<Record<string, unknown>>) => {
      status = sent["vigo-reason"] ?? sent["grpc-status"] ?? status;
    };
    // Not the stream's own timeout, which leaves a listener on the session for every call.
    const late = setTimeout(() => stream.destroy(new Error("no answer within 60 s")), 60_000);
    stream.on("response", read);
    stream.on("trailers", read);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      clearTimeout(late);
      if (status === "0") resolve(Buffer.concat(chunks).subarray(5));
      else reject(new Error(status === undefined ? "cut" : `refused: ${String(status)}`));
    });
    stream.end(message);
  });
}
