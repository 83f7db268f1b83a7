/** Says what a schema refused. Must not load one: who only reads what is right already needs none. */
import type { z } from "zod";

/** Where and why a value was refused, one line an issue: `mode: must be octal like …`. */
export const explain = (error: z.ZodError): readonly string[] =>
  error.issues.map(({ path: at, message }) =>
    at.length === 0 ? message : `${at.join(".")}: ${message}`,
  );
