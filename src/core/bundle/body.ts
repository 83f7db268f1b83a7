/**
 * What one envoy must be, as it travels: resources in order, rendered, with their edges as indices. Envoys that resolve
 * identically share one body, so nothing in it names an envoy. Must not know how it was resolved, nor who signs it.
 */
import { canonicalJson, type Json, type JsonObject } from "../json.ts";
import { sha256 } from "../pki/keys.ts";

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

/** Envoys that resolve alike share their resources' values, and each is spelled once. */
const spelled = new WeakMap<object, string>();

/** The same bytes as the canonical JSON of the whole. */
export function encodeBody(body: Body): EncodedBody {
  const resources = body.resources.map(spellResource).join(",");
  const { format, secrets } = body;
  const text = `{"format":${format},"resources":[${resources}],"secrets":${canonicalJson(secrets)}}`;
  const bytes = new TextEncoder().encode(text);
  return { bytes, digest: sha256(bytes) };
}

/** Every field that a resource can have, in the order of canonical JSON. */
function spellResource(resource: BodyResource): string {
  const { needs, noop, notifies, retries, sensitive, timeout_ms, when } = resource;
  let text = `{"key":${JSON.stringify(resource.key)}`;
  if (needs !== undefined) text += `,"needs":[${needs.join()}]`;
  if (noop !== undefined) text += `,"noop":true`;
  if (notifies !== undefined) text += `,"notifies":[${notifies.join()}]`;
  text += `,"params":${spell(resource.params)}`;
  if (retries !== undefined) text += `,"retries":${canonicalJson(retries)}`;
  if (sensitive !== undefined) text += `,"sensitive":true`;
  if (timeout_ms !== undefined) text += `,"timeout_ms":${canonicalJson(timeout_ms)}`;
  text += `,"type":${JSON.stringify(resource.type)}`;
  if (when !== undefined) text += `,"when":${canonicalJson(when)}`;
  return `${text}}`;
}

function spell(params: JsonObject): string {
  const before = spelled.get(params);
  if (before !== undefined) return before;
  const text = canonicalJson(params);
  spelled.set(params, text);
  return text;
}
