/**
 * The texts of resources as they travel, for hosts of one environment and the same roles. A text that all hosts share is made once,
 * however many lists have the resource. Must not know the order of a list, but for a place in it.
 */
import { canonicalJson, type JsonObject } from "../json.ts";
import type { Registries, Resolved, ResolvedResource } from "../policy/model.ts";
import { renameRefs, replaceSecrets } from "../policy/secrets.ts";
import type { Placed } from "./arrangement.ts";
import { asksHost, bodyCondition } from "./body-condition.ts";
import { type OwnFields, ownText, paramsStart, placedText, restText } from "./body.ts";

/** Empty where hosts that share the resource get different texts. */
const forAll = new WeakMap<ResolvedResource, string>();

export type HostWords = Pick<Resolved, "environment" | "roles" | "secrets">;

export class Texts {
  constructor(
    readonly words: HostWords,
    readonly registries: Registries,
  ) {}

  /** With the comma before it. */
  piece(resource: ResolvedResource, placed: Placed, at: number): string {
    const own = this.forAll(resource) ?? ownText(this.#fieldsOf(resource));
    return pieceOf(resource, placed, at, own);
  }

  /** What stands before and after the parameters in its piece. */
  around(
    resource: ResolvedResource,
    placed: Placed,
    at: number,
  ): readonly [before: string, after: string] {
    const rest = restText(this.#fieldsOf({ ...resource, params: {} }));
    return [pieceOf(resource, placed, at, paramsStart), rest];
  }

  params({ params }: ResolvedResource): string {
    return canonicalJson(this.#numbered(params));
  }

  /** What follows its place in the list, where it is the same for all hosts. */
  forAll(resource: ResolvedResource): string | undefined {
    const known = forAll.get(resource) ?? this.#makeForAll(resource);
    forAll.set(resource, known);
    return known === "" ? undefined : known;
  }

  #makeForAll(resource: ResolvedResource): string {
    const { when, params } = resource;
    if (when !== undefined && asksHost(when, this.registries)) return "";
    const own = this.#fieldsOf(resource);
    return own.params === params ? ownText(own) : "";
  }

  #fieldsOf({
    type,
    params,
    when,
    revert,
    sensitive,
    timeout_ms,
    retries,
  }: ResolvedResource): OwnFields {
    return {
      type,
      params: this.#numbered(params),
      ...(when && { when: bodyCondition(when, this.words, this.registries) }),
      ...(revert && { revert }),
      ...(sensitive && { sensitive }),
      ...(timeout_ms !== undefined && { timeout_ms }),
      ...(retries !== undefined && { retries }),
    };
  }

  /** Secrets as their places in the list of them. */
  #numbered(params: JsonObject): JsonObject {
    return replaceSecrets<string>(params, (node) =>
      renameRefs(node, (path) => this.#secret(path)),
    ) as JsonObject;
  }

  #secret(path: string): number {
    const place = this.words.secrets.indexOf(path);
    if (place < 0) throw new Error(`secret ${path} is in a parameter and not in the list`);
    return place;
  }
}

export const pieceOf = (
  resource: ResolvedResource,
  placed: Placed,
  at: number,
  own: string,
): string => `${at === 0 ? "" : ","}${textOfPlace(resource, placed)}${own}`;

const textOfPlace = ({ key, noop }: ResolvedResource, { needs, notifies }: Placed): string =>
  placedText({
    key,
    noop,
    needs: needs.length > 0 ? needs : undefined,
    notifies: notifies.length > 0 ? notifies : undefined,
  });
