/** A value as the answer to a call, or as the word that nothing has changed (RFC 9110, 13.1.2). Must not know what is answered. */
import type { Endpoint } from "../../../core/api/endpoint.ts";
import { sha256Hex } from "../../../core/pki/keys.ts";
import type { Call } from "./implement.ts";

/**
 * What reads has a tag over its bytes; whoever shows that tag is spared the bytes. Where callers change some fields only, the tag
 * begins with one over these: `"EDITED.WHOLE"`. Adds to the headers.
 */
export function answered(
  { req }: Call,
  { edited }: Pick<Endpoint, "edited">,
  value: unknown,
  headers: Headers,
): Response {
  if (req.method !== "GET") return Response.json(value, { headers });
  const text = JSON.stringify(value);
  const steady = edited === undefined ? "" : `${hashOf(JSON.stringify(picked(value, edited)))}.`;
  const tag = `"${steady}${hashOf(text)}"`;
  headers.set("etag", tag);
  // To be kept by who asked alone, and shown to this server each time before it is used again.
  headers.set("cache-control", "private, no-cache");
  if (isAmong(tag, req.header("if-none-match")))
    return new Response(null, { status: 304, headers });
  headers.set("content-type", "application/json");
  return new Response(text, { headers });
}

const hashOf = (text: string): string => sha256Hex(text).slice(0, 32);

const picked = (value: unknown, fields: readonly string[]): unknown =>
  fields.map((field) => (value as Readonly<Record<string, unknown>>)[field] ?? null);

/** Does one of the tags that were shown say that what callers change is as it is under this one? Weak ones do not count. */
export const isSameEdited = (tag: string, shown: string): boolean =>
  shown
    .split(",")
    .map((one) => one.trim())
    .some((one) => one === "*" || editedIn(one) === editedIn(tag));

/** Of a tag without such a part, all of it. */
const editedIn = (tag: string): string => /^"([0-9a-f]{32})\.[0-9a-f]{32}"$/.exec(tag)?.[1] ?? tag;

/** A proxy that compresses makes a tag weak: for a reader that is the same. */
const isAmong = (tag: string, written = ""): boolean =>
  written
    .split(",")
    .map((one) => one.trim().replace(/^W\//, ""))
    .some((one) => one === tag || one === "*");
