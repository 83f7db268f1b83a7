/** Settings as they may be printed: where a secret stands, it says that there is one. Must not know any section. */
import { redacted } from "../../../core/redact.ts";
import { put } from "./references.ts";
import type { Settings } from "./read.ts";

/** Of texts that open something, wherever they stand. */
const hidden = new Set(["password", "secret", "token", "key", "routing_key", "client_secret"]);

/** What came from secrets is shown as it is written in the file; what stands there in the open is not shown. */
export function printable(settings: Settings): Readonly<Record<string, unknown>> {
  const { concealed, tls, ...rest } = settings;
  const shown = masked(rest) as Record<string, unknown>;
  for (const one of concealed) put(shown, { ...one, value: `secret:${one.secret}` });
  // What was made of settings, and of a secret with them, is left out.
  for (const derived of ["hostname", "databaseFile", "secretsKey"] as const)
    if (concealed.some(({ value }) => settings[derived].includes(value))) delete shown[derived];
  return concealed.some(({ path }) => path[1] === "tls") ? shown : { ...shown, tls };
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      hidden.has(key) && typeof one === "string" ? redacted : masked(one),
    ]),
  );
}
