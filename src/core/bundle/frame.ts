/**
 * The bytes of a list with gaps for the parameters of the resources that are each host's own: found once for all hosts whose lists
 * differ in nothing else, and hashed once as far as the first gap. Must not know hosts.
 */
import { createHash, type Hash } from "node:crypto";
import { areSame } from "../policy/clean.ts";
import type { Registries, ResolvedResource } from "../policy/model.ts";
import type { Arrangement, Placed, Placing } from "./arrangement.ts";
import { bodyEnds } from "./body.ts";
import { type HostWords, pieceOf, Texts } from "./texts.ts";

export interface Frame {
  /** In order: bytes, or which of the gaps. */
  readonly parts: readonly (Uint8Array | number)[];
  /** All bytes but those that the gaps are filled with. */
  readonly size: number;
  /** Of what stands before the first gap, whose place among the parts is `from`. */
  readonly begun: Hash;
  readonly from: number;
  /** What fills gaps. */
  readonly texts: Texts;
}

interface Known extends HostWords {
  readonly gaps: readonly number[];
  readonly frame: Frame;
}

const known = new WeakMap<Placing, Known[]>();
/** Of one placing: hosts of one list are rarely of more kinds. */
const kept = 8;

/** `gaps`: which resources of the list are each host's own. */
export function frameFor(
  placing: Placing,
  words: HostWords,
  gaps: readonly number[],
  registries: Registries,
): Frame {
  const all = known.get(placing) ?? [];
  const found = all.find((one) => isFor(one, words, gaps));
  if (found !== undefined) return found.frame;
  const { environment, roles, secrets } = words;
  const own = { roles, secrets, ...(environment === undefined ? {} : { environment }) };
  const frame = frameOf(placing, new Texts(own, registries), gaps);
  known.set(placing, [{ ...own, gaps, frame }, ...all.slice(0, kept - 1)]);
  return frame;
}

const isFor = (one: Known, { environment, roles, secrets }: HostWords, gaps: readonly number[]) =>
  one.environment === environment &&
  (one.roles === roles || areSame(one.roles, roles)) &&
  (one.secrets === secrets || areSame(one.secrets, secrets)) &&
  areSame(one.gaps, gaps);

function frameOf(placing: Placing, texts: Texts, gaps: readonly number[]): Frame {
  const parts = partsOf(placing, texts, gaps);
  const gap = parts.findIndex((part) => typeof part === "number");
  const from = gap < 0 ? parts.length : gap;
  const begun = createHash("sha256");
  let size = 0;
  for (const [at, part] of parts.entries()) {
    if (typeof part === "number") continue;
    size += part.length;
    if (at < from) begun.update(part);
  }
  return { parts, size, begun, from, texts };
}

/** As the first list of the arrangement, but for resources that are others here. */
function partsOf(
  placing: Placing,
  texts: Texts,
  gaps: readonly number[],
): readonly (Uint8Array | number)[] {
  const { arrangement, others } = placing;
  const shared = sharedFor(arrangement, texts);
  const [start, end] = bodyEnds(texts.words.secrets);
  const parts = new Parts(shared.bytes);
  parts.text(start);
  for (const [at, placed] of arrangement.places.entries()) {
    const begin = shared.ends[at - 1] ?? 0;
    const gap = gaps.indexOf(placed.index);
    if (gap >= 0) {
      const [before, after] = texts.around(standsAt(placing, placed), placed, at);
      parts.text(before);
      parts.gap(gap);
      parts.text(after);
    } else if (shared.isForAll[at] === true && !others.has(placed.index))
      parts.shared(begin, shared.ends[at] ?? begin);
    else parts.text(texts.piece(standsAt(placing, placed), placed, at));
  }
  parts.text(end);
  return parts.done();
}

function standsAt({ others, arrangement }: Placing, { index }: Placed): ResolvedResource {
  const resource = others.get(index) ?? arrangement.first[index];
  if (resource === undefined) throw new Error("a place in the order without a resource");
  return resource;
}

/** Neighbours of one kind become one part. */
class Parts {
  readonly #parts: (Uint8Array | number)[] = [];
  #text = "";
  #from = 0;
  #to = 0;

  constructor(readonly bytes: Uint8Array) {}

  text(text: string): void {
    this.#endShared();
    this.#text += text;
  }

  gap(gap: number): void {
    this.#endAll();
    this.#parts.push(gap);
  }

  shared(from: number, to: number): void {
    this.#endText();
    if (from !== this.#to) this.#endShared();
    if (this.#to === 0) this.#from = from;
    this.#to = to;
  }

  done(): readonly (Uint8Array | number)[] {
    this.#endAll();
    return this.#parts;
  }

  #endAll(): void {
    this.#endShared();
    this.#endText();
  }

  #endText(): void {
    if (this.#text !== "") this.#parts.push(encoder.encode(this.#text));
    this.#text = "";
  }

  #endShared(): void {
    if (this.#to > this.#from) this.#parts.push(this.bytes.subarray(this.#from, this.#to));
    [this.#from, this.#to] = [0, 0];
  }
}

/** The first list of an arrangement in bytes, without what differs between hosts that share it. */
interface SharedBytes {
  readonly bytes: Uint8Array;
  /** By place, where its text ends. */
  readonly ends: readonly number[];
  readonly isForAll: readonly boolean[];
}

const encoder = new TextEncoder();
const sharedBytes = new WeakMap<Arrangement, SharedBytes>();

function sharedFor(arrangement: Arrangement, texts: Texts): SharedBytes {
  const before = sharedBytes.get(arrangement);
  if (before !== undefined) return before;
  const made = sharedOf(arrangement, texts);
  sharedBytes.set(arrangement, made);
  return made;
}

function sharedOf({ places, first }: Arrangement, texts: Texts): SharedBytes {
  const parts = places.map((placed, at) => {
    const resource = first[placed.index];
    const own = resource && texts.forAll(resource);
    return resource === undefined || own === undefined ? "" : pieceOf(resource, placed, at, own);
  });
  const text = parts.join("");
  const bytes = encoder.encode(text);
  const isAscii = bytes.length === text.length;
  let end = 0;
  return {
    bytes,
    ends: parts.map((part) => (end += isAscii ? part.length : Buffer.byteLength(part))),
    isForAll: parts.map((part) => part !== ""),
  };
}
