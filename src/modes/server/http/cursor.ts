/** Where a page ended, as one word that a caller gives back as it got it. Must not know what is paged. */
import type { z } from "zod";
import { VigoError } from "../../../core/errors.ts";
import { jsonIn } from "../../../core/text/json-in.ts";

export const toCursor = (place: unknown): string =>
  Buffer.from(JSON.stringify(place)).toString("base64url");

/** Throws `invalid` for a word that this server did not give. */
export function fromCursor<S extends z.ZodType>(
  place: S,
  cursor: string | undefined,
): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  const result = place.safeParse(jsonIn(Buffer.from(cursor, "base64url").toString()));
  if (result.success) return result.data;
  throw new VigoError("invalid", "query: cursor: is not one that this list gave", {
    hint: "ask for the first page, without a cursor",
  });
}
