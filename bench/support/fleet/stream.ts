/** The stream of one simulated envoy: answers tasks and queries as an agent would that has nothing to do for them. Must not know when it is opened. */
import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  OrderKind,
  OrderSchema,
  QuerySchema,
  type Signed,
  StreamRequestSchema,
  StreamResponseSchema,
} from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { beatMs, methods } from "../../../src/core/wire/service.ts";
import { frame } from "../../../src/modes/server/grpc/framing.ts";

type Told = NonNullable<MessageInitShape<typeof StreamRequestSchema>["message"]>;

const written = (message: Told): Buffer =>
  frame(toBinary(StreamRequestSchema, create(StreamRequestSchema, { message })));
const beat = written({ case: "beat", value: {} });

export class SimulatedStream {
  readonly #stream: ClientHttp2Stream;
  #rest: Buffer = Buffer.alloc(0);
  /** What a value of any trait is here. */
  readonly #value: number;

  constructor(session: ClientHttp2Session, open: Signed, value: number) {
    this.#value = value;
    this.#stream = session.request({
      ":method": "POST",
      ":path": methods.stream,
      "content-type": "application/grpc+proto",
      te: "trailers",
    });
    this.#stream.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#stream.on("error", () => this.#stream.destroy());
    const beats = setInterval(() => this.#stream.write(beat), beatMs);
    this.#stream.on("close", () => clearInterval(beats));
    this.#stream.write(written({ case: "open", value: open }));
  }

  get isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed;
  }

  #read(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 5) {
      const end = 5 + this.#rest.readUInt32BE(1);
      if (this.#rest.length < end) return;
      this.#heed(this.#rest.subarray(5, end));
      this.#rest = this.#rest.subarray(end);
    }
  }

  #heed(bytes: Uint8Array): void {
    const { message } = fromBinary(StreamResponseSchema, bytes);
    if (message.case !== "order") return;
    const { kind, id, payload } = fromBinary(OrderSchema, message.value.order);
    if (kind === OrderKind.TASK) this.#perform(id);
    if (kind === OrderKind.QUERY) this.#answer(id, payload);
  }

  #perform(taskId: string): void {
    const now = BigInt(Date.now());
    const told: readonly Told[] = [
      { case: "started", value: { taskId, atMs: now } },
      { case: "output", value: { taskId, number: 0, text: "done\n" } },
      {
        case: "result",
        value: { taskId, state: 1, exitCode: 0, startedAtMs: now, endedAtMs: now },
      },
    ];
    this.#stream.write(Buffer.concat(told.map(written)));
  }

  #answer(queryId: string, payload: Uint8Array): void {
    const { paths } = fromBinary(QuerySchema, payload);
    const values = Buffer.from(JSON.stringify(paths.map(() => this.#value)));
    this.#stream.write(written({ case: "answer", value: { queryId, values } }));
  }
}
