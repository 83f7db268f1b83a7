/**
 * What one envoy must be, as it travels: resources in order, rendered, with their edges as indices. Envoys that resolve
 * identically share one body, so nothing in it names an envoy. Must not know how it was resolved, nor who signs it.
 */
import { canonicalJson, type Json, type JsonObject } from "../json.ts";

export interface Body {
  readonly format: 1;
  /** In the order they are converged; an edge points backwards only. */
  readonly resources: readonly BodyResource[];
  /** Secret refs; a parameter holds `{"$secret": index}` for them. */
  readonly secrets: readonly string[];
}

export interface BodyResource {
  /** `crate[item]/name[item]`, unique in the body. */
  readonly key: string;
  readonly type: string;
  /** As the type's schema reads them: rendered, common attributes taken out. Checked strictly on both sides. */
  readonly params: JsonObject;
  /** Decided on the envoy before the resource's turn, every cycle. */
  readonly when?: BodyCondition;
  /** Resources that come first and must not have failed: `depends_on`, turned `before`, configcrate edges, automatic edges. */
  readonly needs?: readonly number[];
  /** Resources (later ones) to refresh when this one changed. They come after it, and do not need it. */
  readonly notifies?: readonly number[];
  readonly noop?: true;
  /** What it did is undone, once. */
  readonly revert?: true;
  readonly sensitive?: true;
  readonly timeout_ms?: number;
  readonly retries?: number;
}

export interface BodyCondition {
  /** CEL, as written. */
  readonly source: string;
  /** Constants for the vars it names. */
  readonly vars?: { readonly [name: string]: Json };
  readonly environment?: string;
  readonly roles?: readonly string[];
}

export interface EncodedBody {
  /** Canonical JSON, UTF-8: the bytes that travel, and that are hashed. */
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

/**
 * What stands before and after the texts of the resources, which commas part: the whole is the canonical JSON of the body. In
 * canonical JSON the fields that its place in the order decides come first, so a resource's text is `placedText` and `ownText`
 * one after the other.
 */
export const bodyEnds = (secrets: readonly string[]): readonly [start: string, end: string] => [
  '{"format":1,"resources":[',
  `],"secrets":${canonicalJson(secrets)}}`,
];

interface PlacedFields {
  readonly key: string;
  readonly needs?: readonly number[] | undefined;
  readonly noop?: true | undefined;
  readonly notifies?: readonly number[] | undefined;
}

/** What its place among the others makes of it. */
export function placedText({ key, needs, noop, notifies }: PlacedFields): string {
  let text = `{"key":${JSON.stringify(key)}`;
  if (needs !== undefined) text += `,"needs":[${needs.join()}]`;
  if (noop !== undefined) text += `,"noop":true`;
  if (notifies !== undefined) text += `,"notifies":[${notifies.join()}]`;
  return text;
}

/** What has no place in `placedText`. */
export type OwnFields = Omit<BodyResource, "key" | "needs" | "noop" | "notifies">;

/** All its other fields, in the order of canonical JSON. */
export const ownText = (fields: OwnFields): string =>
  `${paramsStart}${canonicalJson(fields.params)}${restText(fields)}`;

export const paramsStart = ',"params":';

/** What stands after its parameters. */
export function restText({
  retries,
  revert,
  sensitive,
  timeout_ms,
  type,
  when,
}: OwnFields): string {
  let text = "";
  if (retries !== undefined) text += `,"retries":${canonicalJson(retries)}`;
  if (revert !== undefined) text += `,"revert":true`;
  if (sensitive !== undefined) text += `,"sensitive":true`;
  if (timeout_ms !== undefined) text += `,"timeout_ms":${canonicalJson(timeout_ms)}`;
  text += `,"type":${JSON.stringify(type)}`;
  if (when !== undefined) text += `,"when":${canonicalJson(when)}`;
  return `${text}}`;
}
