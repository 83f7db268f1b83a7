/** The kinds of values that `server.yaml` holds. Must not know any key. */
import { z } from "zod";
import { unknownWord } from "../../../core/did-you-mean.ts";
import { duration, parseDuration, printDuration } from "../../../core/duration.ts";
import { text } from "../../../core/params.ts";

/** A map with known keys. An empty one may be written as nothing at all. */
export const section = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.preprocess((input) => input ?? {}, keyed(shape));

/** One entry of a list: unlike a section it is not there by saying nothing. */
export const keyed = <S extends z.core.$ZodLooseShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownWord("key", key, Object.keys(shape))).join("; ")
        : aMap,
  });

export const aMap = "must be a map of keys and values";

/** For a list that may have so many entries. */
export const atMostOf = (most: number) => ({ error: `must have ${most} entries at most` });

/** A key of a later version: refused by name, so that nobody believes it works. */
export const later = (description: string) =>
  z
    .never({ error: "is not in this version" })
    .exactOptional()
    .describe(`${description} Not in this version.`);

/** A word of which only some are built. */
export const only = <const W extends string>(
  description: string,
  built: W,
  unbuilt: readonly string[],
) =>
  z
    .literal(built, {
      error: ({ input }) =>
        unbuilt.includes(String(input))
          ? `${input} is not in this version`
          : `must be ${built}, not ${JSON.stringify(input)}`,
    })
    .default(built)
    .describe(description);

interface Bounds {
  readonly min: string;
  readonly max: string;
}

const ms = (written: string): number => parseDuration(written) ?? Number.NaN;

/** A span of time, in milliseconds. */
export const span = (description: string, fallback: string, { min, max }: Bounds) =>
  duration(`${description} From ${min} to ${max}.`)
    .transform(ms)
    .refine((value) => value >= ms(min) && value <= ms(max), {
      error: ({ input }) => `must be from ${min} to ${max}, not ${printDuration(Number(input))}`,
    })
    .prefault(fallback);

/** `0` or a span of time: never, or so many milliseconds. */
export const spanOrNever = (description: string) =>
  text(description, { pattern: /^(?:0|\d.*[a-z])$/, wanted: "0 for never, or a duration like 12h" })
    .transform((written, context) => {
      const value = written === "0" ? 0 : parseDuration(written);
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", message: "must be 0 for never, or a duration like 12h" });
      return z.NEVER;
    })
    .prefault("0");

/** `2.5x` of the cadence, or a time. */
export const threshold = (description: string) =>
  text(description, {
    pattern: /^(?:\d{1,3}(?:\.\d{1,2})?x|\d+(?:\.\d+)?(?:s|m|h|d))$/,
    wanted: "a factor like 2.5x or a duration like 15m",
  })
    .transform((written) =>
      written.endsWith("x") ? { factor: Number(written.slice(0, -1)) } : { ms: ms(written) },
    )
    .refine((value) => ("ms" in value ? value.ms >= 1_000 : value.factor >= 1.5), {
      error: "must be at least 1.5x or 1s: an envoy in good health would count as offline",
    })
    .prefault("2.5x");

/** A share, in percent with at most one digit after the point; comes out in thousandths. */
export const permille = (description: string, fallback: string, most: number) =>
  text(`${description} At most ${most}%.`, {
    pattern: /^\d{1,3}(?:\.\d)?%$/,
    wanted: "a percentage like 10%",
  })
    .transform((written) => Math.round(Number(written.slice(0, -1)) * 10))
    .refine((value) => value <= most * 10, { error: `must be at most ${most}%` })
    .prefault(fallback);

export interface Listen {
  /** Undefined: every address of this host. */
  readonly host: string | undefined;
  /** 0: any free one. */
  readonly port: number;
}

/** `:1530`, `192.0.2.1:1530`, `[::1]:1530`. */
export const listen = (description: string, fallback: string) =>
  text(description, {
    pattern: /^(?:[a-z0-9.-]*|\[[0-9a-f:.]+\]):\d{1,5}$/i,
    wanted: "an address and a port like :1530 or 192.0.2.1:1530",
  })
    .transform((written): Listen => {
      const at = written.lastIndexOf(":");
      const host = written.slice(0, at).replace(/^\[|\]$/g, "");
      return { host: host === "" ? undefined : host, port: Number(written.slice(at + 1)) };
    })
    .refine(({ port }) => port < 65_536, { error: "must have a port of at most 65535" })
    .prefault(fallback);
