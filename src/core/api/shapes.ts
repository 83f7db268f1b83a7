/** The few shapes that many endpoints share. Must not know any endpoint. */
import { z } from "zod";
import { list, text, whole } from "../params.ts";

/** A moment in an answer: ISO 8601 in UTC with milliseconds, `2026-01-31T12:00:00.000Z`. */
export const moment = (description: string) =>
  z.iso.datetime({ precision: 3 }).describe(`${description} ISO 8601, UTC.`);

/** A count or another whole number in an answer. */
export const count = (description: string) => z.int().describe(description);

/** What a list takes; its answer carries `cursor` unless the page is the last. */
export const paging = {
  limit: whole("Most rows in one answer.", { min: 1, max: 1000 }).default(100),
  cursor: text("Where the last answer ended, as it was given.").exactOptional(),
};

export const cursor = z
  .string()
  .exactOptional()
  .describe("Where the next page starts; absent on the last.");

/** A hostname as enrolment takes it. */
export const hostname = (description: string) =>
  text(description, {
    pattern: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i,
    wanted: "a hostname",
  });

/** A word that people give to envoys, to find and to target them by. */
export const tag = (description: string) =>
  text(description, {
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9_.=/-]{0,63}$/,
    wanted: "a tag like rack-12: letters, digits and _.=/- , 64 at most",
  });

/** Shell-like patterns over hostnames: `*` any run of characters, `?` one. */
export const glob = (description: string) =>
  text(description, { pattern: /^[a-z0-9.*?-]{1,253}$/i, wanted: "a pattern like web-*" });

/** Envoys that are meant, in the words of the command line: `targets("Who")`. At most 100 of them. */
export const targets = (who: string) =>
  list(
    `${who}: hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or \`where:\` with a condition.`,
    text("One of them."),
  ).max(100);

/** One envoy in an answer. */
export const envoyNamed = {
  envoy_id: z.string().describe("The envoy."),
  hostname: z.string().describe("Its name."),
};
