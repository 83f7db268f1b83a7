/**
 * The body that a list of resources comes to for hosts of one environment and the same roles. It keeps its digest and no bytes:
 * ten thousand different bodies are a gigabyte, and each is put together again from its parts in less time than it takes to send.
 * Must not know hosts.
 */
import type { Registries, Resolved, ResolvedResource } from "../policy/model.ts";
import type { Placing } from "./arrangement.ts";
import type { Body, EncodedBody } from "./body.ts";
import { type Frame, frameFor } from "./frame.ts";

export class Made implements EncodedBody {
  readonly digest: Uint8Array;
  /** Of the bytes. */
  readonly size: number;
  readonly #frame: Frame;
  /** What fills its gaps. Nothing more is kept: ten thousand lists would be most of a fleet's memory. */
  readonly #own: readonly string[];

  /** `own`: resources that take the places of others in the list. */
  constructor(
    placing: Placing,
    resolved: Resolved,
    registries: Registries,
    own: ReadonlyMap<number, ResolvedResource> = new Map(),
  ) {
    const frame = frameFor(placing, resolved, [...own.keys()], registries);
    this.#frame = frame;
    this.#own = Array.from(own.values(), (resource) => frame.texts.params(resource));
    const hash = frame.begun.copy();
    let { size } = frame;
    for (let at = frame.from; at < frame.parts.length; at++) {
      const part = this.#part(at);
      hash.update(part);
      if (typeof part === "string") size += Buffer.byteLength(part);
    }
    this.digest = new Uint8Array(hash.digest());
    this.size = size;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(
      this.#frame.parts.map((_, at) => {
        const part = this.#part(at);
        return typeof part === "string" ? Buffer.from(part) : part;
      }),
    );
  }

  get body(): Body {
    return JSON.parse(decoder.decode(this.bytes)) as Body;
  }

  #part(at: number): Uint8Array | string {
    const part = this.#frame.parts[at];
    if (typeof part !== "number") return part ?? nothing;
    return this.#own[part] ?? "";
  }
}

const decoder = new TextDecoder();
const nothing = new Uint8Array();
