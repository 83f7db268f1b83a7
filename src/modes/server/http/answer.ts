/** A value as the answer to a call, or as the word that nothing has changed (RFC 9110, 13.1.2). Must not know what is answered. */
import { sha256Hex } from "../../../core/pki/keys.ts";
import type { Call } from "./implement.ts";

/** What reads has a tag over its bytes; whoever shows that tag is spared the bytes. Adds to the headers. */
export function answered({ req }: Call, value: unknown, headers: Headers): Response {
  if (req.method !== "GET") return Response.json(value, { headers });
  const text = JSON.stringify(value);
  const tag = `"${sha256Hex(text).slice(0, 32)}"`;
  headers.set("etag", tag);
  // To be kept by who asked alone, and shown to this server each time before it is used again.
  headers.set("cache-control", "private, no-cache");
  if (isAmong(tag, req.header("if-none-match")))
    return new Response(null, { status: 304, headers });
  headers.set("content-type", "application/json");
  return new Response(text, { headers });
}

/** A proxy that compresses makes a tag weak: for a reader that is the same. */
const isAmong = (tag: string, written = ""): boolean =>
  written
    .split(",")
    .map((one) => one.trim().replace(/^W\//, ""))
    .some((one) => one === tag || one === "*");
