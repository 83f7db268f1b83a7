/**
 * The body that a list of resources comes to for hosts of one environment and the same roles. It keeps its digest and no bytes:
 * ten thousand different bodies are a gigabyte, and each is put together again from its parts in less time than it takes to send.
 * Must not know hosts.
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../json.ts";
import type { Registries, Resolved, ResolvedResource } from "../policy/model.ts";
import { renameRefs, replaceSecrets } from "../policy/secrets.ts";
import type { Arrangement, Placed, Placing } from "./arrangement.ts";
import { asksHost, bodyCondition } from "./body-condition.ts";
import { type Body, bodyEnds, type EncodedBody, ownText, placedText } from "./body.ts";

/** A text and its place in the order. */
type Piece = readonly [at: number, text: string];

export class Made implements EncodedBody {
  readonly digest: Uint8Array;
  /** Of the bytes. */
  readonly size: number;
  readonly #placing: Placing;
  /** What is nobody else's, in order. Nothing more is kept: ten thousand lists would be most of a fleet's memory. */
  readonly #own: readonly Piece[];
  readonly #resolved: Pick<Resolved, "environment" | "roles" | "secrets">;
  readonly #registries: Registries;

  /** `own`: resources that take the places of others in the list. */
  constructor(
    placing: Placing,
    { environment, roles, secrets }: Resolved,
    registries: Registries,
    own: ReadonlyMap<number, ResolvedResource> = new Map(),
  ) {
    this.#placing = placing;
    this.#resolved = { roles, secrets, ...(environment === undefined ? {} : { environment }) };
    this.#registries = registries;
    this.#own = this.#ownPieces(own);
    const hash = createHash("sha256");
    let size = 0;
    for (const part of this.#parts()) {
      hash.update(part);
      size += Buffer.byteLength(part);
    }
    this.digest = new Uint8Array(hash.digest());
    this.size = size;
  }

  get bytes(): Uint8Array {
    return Buffer.concat([...this.#parts()].map((part) => Buffer.from(part)));
  }

  get body(): Body {
    return JSON.parse(decoder.decode(this.bytes)) as Body;
  }

  /** The bytes in order: as for the first list of this arrangement, but for resources that are others here. */
  *#parts(): Generator<Uint8Array | string> {
    const { bytes, ends } = this.#shared();
    const [start, end] = bodyEnds(this.#resolved.secrets);
    yield start;
    let from = 0;
    for (const [at, text] of this.#pieces()) {
      const begin = ends[at - 1] ?? 0;
      if (begin > from) yield bytes.subarray(from, begin);
      yield text;
      from = ends[at] ?? begin;
    }
    if (bytes.length > from) yield bytes.subarray(from);
    yield end;
  }

  /** All that stands instead of what is shared, in order. */
  #pieces(): readonly Piece[] {
    const texts = new Map<number, string>();
    for (const [at, text] of this.#varying()) texts.set(at, text ?? this.#pieceAt(at));
    for (const [at, text] of this.#own) texts.set(at, text);
    return [...texts].sort(([one], [other]) => one - other);
  }

  #shared(): SharedBytes {
    const { arrangement } = this.#placing;
    return remembered(sharedBytes, arrangement, () =>
      sharedOf(arrangement, (resource) => this.#textForAll(resource)),
    );
  }

  /** Where the list is another than the first; undefined where its hosts do not share the text. */
  #varying(): readonly (readonly [at: number, text: string | undefined])[] {
    const { arrangement, others } = this.#placing;
    const { isForAll } = this.#shared();
    return remembered(varying, this.#placing, () =>
      arrangement.places.flatMap((placed, at) => {
        const resource = this.#at(placed);
        if (isForAll[at] && !others.has(placed.index)) return [];
        const own = this.#textForAll(resource);
        return [[at, own === undefined ? undefined : pieceOf(resource, placed, at, own)] as const];
      }),
    );
  }

  #pieceAt(at: number): string {
    const placed = this.#placing.arrangement.places[at];
    if (placed === undefined) throw new Error("no such place in the order");
    const resource = this.#at(placed);
    return pieceOf(resource, placed, at, this.#textOf(resource));
  }

  #ownPieces(own: ReadonlyMap<number, ResolvedResource>): readonly Piece[] {
    if (own.size === 0) return [];
    const { arrangement } = this.#placing;
    const placeOf = remembered(placesOf, arrangement, () => {
      const inverse: number[] = [];
      for (const [at, { index }] of arrangement.places.entries()) inverse[index] = at;
      return inverse;
    });
    return [...own].flatMap(([index, resource]): readonly Piece[] => {
      const at = placeOf[index] ?? 0;
      const placed = arrangement.places[at];
      if (placed === undefined) return [];
      return [[at, pieceOf(resource, placed, at, ownText(this.#fieldsOf(resource)))]];
    });
  }

  #at({ index }: Placed): ResolvedResource {
    const { others, arrangement } = this.#placing;
    const resource = others.get(index) ?? arrangement.first[index];
    if (resource === undefined) throw new Error("a place in the order without a resource");
    return resource;
  }

  #textOf(resource: ResolvedResource): string {
    return this.#textForAll(resource) ?? ownText(this.#fieldsOf(resource));
  }

  /** Undefined where hosts that share the resource get different texts. Kept: many lists have the very same resource. */
  #textForAll(resource: ResolvedResource): string | undefined {
    const text = remembered(textsForAll, resource, () => this.#makeTextForAll(resource));
    return text === "" ? undefined : text;
  }

  #makeTextForAll(resource: ResolvedResource): string {
    const { when, params } = resource;
    if (when !== undefined && asksHost(when, this.#registries)) return "";
    const own = this.#fieldsOf(resource);
    return own.params === params ? ownText(own) : "";
  }

  #fieldsOf({ type, params, when, revert, sensitive, timeout_ms, retries }: ResolvedResource) {
    return {
      type,
      params: replaceSecrets<string>(params, (node) =>
        renameRefs(node, (path) => this.#secret(path)),
      ) as JsonObject,
      ...(when && { when: bodyCondition(when, this.#resolved, this.#registries) }),
      ...(revert && { revert }),
      ...(sensitive && { sensitive }),
      ...(timeout_ms !== undefined && { timeout_ms }),
      ...(retries !== undefined && { retries }),
    };
  }

  #secret(path: string): number {
    const place = this.#resolved.secrets.indexOf(path);
    if (place < 0) throw new Error(`secret ${path} is in a parameter and not in the list`);
    return place;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const textOfPlace = ({ key, noop }: ResolvedResource, { needs, notifies }: Placed): string =>
  placedText({
    key,
    ...(needs.length > 0 && { needs }),
    ...(noop && { noop }),
    ...(notifies.length > 0 && { notifies }),
  });

/** The first list of an arrangement in bytes, without what differs between hosts that share it. */
interface SharedBytes {
  readonly bytes: Uint8Array;
  /** By place, where its text ends. */
  readonly ends: readonly number[];
  readonly isForAll: readonly boolean[];
}

/** Empty where there is none. */
const textsForAll = new WeakMap<ResolvedResource, string>();
const sharedBytes = new WeakMap<Arrangement, SharedBytes>();
const placesOf = new WeakMap<Arrangement, readonly number[]>();
const varying = new WeakMap<
  Placing,
  readonly (readonly [at: number, text: string | undefined])[]
>();

function remembered<K extends object, V>(memory: WeakMap<K, V>, key: K, make: () => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}

function sharedOf(
  { places, first }: Arrangement,
  textForAll: (resource: ResolvedResource) => string | undefined,
): SharedBytes {
  const parts = places.map((placed, at) => {
    const resource = first[placed.index];
    const own = resource && textForAll(resource);
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

/** With the comma before it. */
const pieceOf = (resource: ResolvedResource, placed: Placed, at: number, own: string): string =>
  `${at === 0 ? "" : ","}${textOfPlace(resource, placed)}${own}`;
