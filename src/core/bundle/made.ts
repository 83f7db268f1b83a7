/**
 * The body that a list of resources comes to for hosts of one environment and the same roles. It keeps its digest and no bytes:
 * ten thousand different bodies are a gigabyte, and each is put together again from its parts in less time than it takes to send.
 * Must not know hosts.
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../json.ts";
import type { Registries, Resolved, ResolvedResource } from "../policy/model.ts";
import { renameRefs, replaceSecrets } from "../policy/secrets.ts";
import type { Arrangement, Placed } from "./arrangement.ts";
import { asksHost, bodyCondition } from "./body-condition.ts";
import {
  type Body,
  type BodyResource,
  bodyEnds,
  type EncodedBody,
  ownText,
  placedText,
} from "./body.ts";

export class Made implements EncodedBody {
  readonly digest: Uint8Array;
  /** Of the bytes. */
  readonly size: number;
  readonly #arrangement: Arrangement;
  /** Where the list is another than the first of its arrangement. The list itself is not kept: it would be most of a fleet's memory. */
  readonly #others: ReadonlyMap<number, ResolvedResource>;
  readonly #resolved: Pick<Resolved, "environment" | "roles" | "secrets">;
  readonly #registries: Registries;

  constructor(
    arrangement: Arrangement,
    { resources, environment, roles, secrets }: Resolved,
    registries: Registries,
  ) {
    this.#arrangement = arrangement;
    this.#others = othersIn(resources, arrangement.first);
    this.#resolved = { roles, secrets, ...(environment === undefined ? {} : { environment }) };
    this.#registries = registries;
    const hash = createHash("sha256");
    let size = 0;
    for (const part of this.#parts()) {
      hash.update(part);
      size += part.length;
    }
    this.digest = new Uint8Array(hash.digest());
    this.size = size;
  }

  get bytes(): Uint8Array {
    return Buffer.concat([...this.#parts()]);
  }

  get body(): Body {
    const { secrets } = this.#resolved;
    const resources = this.#arrangement.places.map((placed): BodyResource => {
      const { needs, notifies } = placed;
      const resource = this.#at(placed);
      return {
        key: resource.key,
        ...this.#own(resource),
        ...(needs.length > 0 && { needs }),
        ...(notifies.length > 0 && { notifies }),
        ...(resource.noop && { noop: true }),
      };
    });
    return { format: 1, resources, secrets };
  }

  /** The bytes in order: as for the first list of this arrangement, but for resources that are others here. */
  *#parts(): Generator<Uint8Array> {
    const { places } = this.#arrangement;
    const { secrets } = this.#resolved;
    const shared = sharedOf(this.#arrangement, (resource) => this.#textForAll(resource));
    const [start, end] = bodyEnds(secrets);
    yield encoder.encode(start);
    let from = 0;
    for (const [at, placed] of places.entries()) {
      if (shared.isForAll[at] && !this.#others.has(placed.index)) continue;
      const begin = shared.ends[at - 1] ?? 0;
      if (begin > from) yield shared.bytes.subarray(from, begin);
      const comma = at === 0 ? "" : ",";
      yield encoder.encode(
        comma + textOfPlace(this.#at(placed), placed) + this.#textOf(this.#at(placed)),
      );
      from = shared.ends[at] ?? begin;
    }
    if (shared.bytes.length > from) yield shared.bytes.subarray(from);
    yield encoder.encode(end);
  }

  #at({ index }: Placed): ResolvedResource {
    const resource = this.#others.get(index) ?? this.#arrangement.first[index];
    if (resource === undefined) throw new Error("a place in the order without a resource");
    return resource;
  }

  #textOf(resource: ResolvedResource): string {
    return this.#textForAll(resource) ?? ownText(this.#own(resource));
  }

  /** Undefined where hosts that share the resource get different texts. */
  #textForAll(resource: ResolvedResource): string | undefined {
    const { when, params } = resource;
    if (when !== undefined && asksHost(when, this.#registries)) return undefined;
    const own = this.#own(resource);
    return own.params === params ? ownText(own) : undefined;
  }

  #own({ type, params, when, revert, sensitive, timeout_ms, retries }: ResolvedResource) {
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

function othersIn(
  resources: readonly ResolvedResource[],
  first: readonly ResolvedResource[],
): ReadonlyMap<number, ResolvedResource> {
  const others = new Map<number, ResolvedResource>();
  for (const [at, resource] of resources.entries())
    if (resource !== first[at]) others.set(at, resource);
  return others;
}

const encoder = new TextEncoder();

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

const sharedBytes = new WeakMap<Arrangement, SharedBytes>();

function sharedOf(
  arrangement: Arrangement,
  textForAll: (resource: ResolvedResource) => string | undefined,
): SharedBytes {
  const known = sharedBytes.get(arrangement);
  if (known !== undefined) return known;
  const parts = arrangement.places.map((placed, at) => {
    const resource = arrangement.first[placed.index];
    const own = resource && textForAll(resource);
    if (resource === undefined || own === undefined) return "";
    return `${at === 0 ? "" : ","}${textOfPlace(resource, placed)}${own}`;
  });
  let end = 0;
  const made = {
    bytes: encoder.encode(parts.join("")),
    ends: parts.map((part) => (end += Buffer.byteLength(part))),
    isForAll: parts.map((part) => part !== ""),
  };
  sharedBytes.set(arrangement, made);
  return made;
}
