/**
 * What the files of an identity say, held to it by hand: every start reads them, and loading a library of schemas takes longer
 * than all else that a run with nothing to do does. Must not know where the files are.
 */

export interface About {
  readonly envoy_id: string;
  /** As enrolled. */
  readonly hostname: string;
  readonly server_id: string;
  /** `host:port` of AgentService; the next one's turn comes when one fails. */
  readonly servers: readonly string[];
  /** `host:port` where REST and enrolment are; several with commas. */
  readonly api: string;
}

export interface BundleKey {
  readonly id: string;
  /** Base64. */
  readonly public_key: string;
}

type Fits = (value: unknown) => boolean;

/** By field. All of them are there, and no other. */
export type Shape<T> = Readonly<Record<keyof T & string, Fits>>;

const isText: Fits = (value) => typeof value === "string";
const matching =
  (pattern: RegExp): Fits =>
  (value) =>
    typeof value === "string" && pattern.test(value);
const isUuid = matching(/^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i);
const isWhole = matching(/^\d{1,20}$/);
const isBase64 = matching(/^(?:[a-z\d+/]{4})*(?:[a-z\d+/]{2}==|[a-z\d+/]{3}=)?$/i);

const wrongIn = <T>(shape: Shape<T>, value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "it is no map";
  const given = value as Readonly<Record<string, unknown>>;
  const strange = Object.keys(given).find((name) => !Object.hasOwn(shape, name));
  if (strange !== undefined) return `${strange} is not known`;
  const fields = Object.entries<Fits>(shape);
  const wrong = fields.find(([name, fits]) => !fits(given[name]));
  return wrong === undefined ? undefined : `${wrong[0]} is wrong or missing`;
};

export const about: Shape<About> = {
  envoy_id: isUuid,
  hostname: isText,
  server_id: isUuid,
  servers: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  api: isText,
};

const bundleKey: Shape<BundleKey> = { id: isText, public_key: isBase64 };

export const trusted: Shape<{ readonly bundle_keys: readonly BundleKey[] }> = {
  bundle_keys: (value) =>
    Array.isArray(value) && value.every((one) => wrongIn(bundleKey, one) === undefined),
};

export const floor: Shape<{ readonly policy_version: string; readonly issued_at_ms: string }> = {
  policy_version: isWhole,
  issued_at_ms: isWhole,
};

/** Throws an error that says what is wrong. */
export function shaped<T>(shape: Shape<T>, text: string): T {
  const value: unknown = JSON.parse(text);
  const wrong = wrongIn(shape, value);
  if (wrong !== undefined) throw new Error(wrong);
  return value as T;
}
