/**
 * References to secrets (semantics §6): found in the source of policy at parse time, and from then on values of a kind of their
 * own, so that no text can become one. In a body they are plain JSON. Must not know what a secret holds.
 */
import type { Json, JsonObject } from "../json.ts";
import { isSecretPath, secretPathPattern } from "../secret-path.ts";
import { SecretText } from "../secret-text.ts";

/** Filters that the agent can apply to a value that is not known before; in the order of the documentation. */
export const secretFilters = [
  "json",
  "yaml",
  "toml",
  "shell_quote",
  "base64",
  "sha256",
  "indent",
] as const;

export type SecretFilter = readonly [name: string, ...given: (string | number | boolean)[]];

/** As it stands in parameters: one secret, or a text with some in it. `Ref` is a path, in a body an index into its refs. */
export type SecretNode<Ref = string> =
  | { readonly $secret: Ref; readonly filters?: readonly SecretFilter[] }
  | {
      readonly $text: readonly (string | SecretNode<Ref>)[];
      readonly filters?: readonly SecretFilter[];
    };

/**
 * A value that holds secrets, on its way through vars and templates. Whatever would look at it throws `SecretUse`, because a
 * template that silently took it for an empty list or a text would write a wrong file.
 */
export class Sealed {
  readonly #node: SecretNode;

  constructor(node: SecretNode) {
    this.#node = node;
  }

  get node(): SecretNode {
    return this.#node;
  }

  through(...filter: SecretFilter): Sealed {
    const { filters = [] } = this.#node;
    return new Sealed({ ...this.#node, filters: [...filters, filter] });
  }

  toJSON(): SecretNode {
    return this.#node;
  }

  // What LiquidJS asks of values that it compares, prints, measures or goes through.
  toString = refuse("text");
  equals = refuse("compared");
  gt = refuse("compared");
  geq = refuse("compared");
  lt = refuse("compared");
  leq = refuse("compared");
  indexOf = refuse("searched");
  get length(): never {
    return refuse("measured")();
  }
  [Symbol.iterator] = refuse("gone through");
  [Symbol.toPrimitive] = refuse("text");
}

/** Thrown where a template does with a secret what only the agent could, or nobody should. */
export class SecretUse extends Error {
  readonly hint = `a secret can be printed, as it is or through ${secretFilters.join(", ")}`;
}

function refuse(what: string) {
  const words =
    what === "text"
      ? "a secret cannot go through this filter"
      : `a secret cannot be ${what}: its value is not known here`;
  return (): never => {
    throw new SecretUse(words);
  };
}

/** For values that are typed as what policy can write. */
export const sealed = (node: SecretNode): Json => new Sealed(node) as unknown as Json;

export const isSealed = (value: unknown): value is Sealed => value instanceof Sealed;

const inText = new RegExp(`secret\\{(${secretPathPattern})\\}`, "g");

/** `secret:path`, and nothing around it. */
export function wholeSecret(written: string): SecretNode | undefined {
  if (!written.startsWith("secret:")) return undefined;
  const path = written.slice("secret:".length);
  return isSecretPath(path) ? { $secret: path } : undefined;
}

/** Every `secret{path}` of a text with its place, from 0. */
export const secretsIn = (
  text: string,
): readonly { readonly path: string; readonly at: number; readonly length: number }[] =>
  [...text.matchAll(inText)].flatMap(({ 0: all, 1: path = "", index: at }) =>
    isSecretPath(path) ? [{ path, at, length: all.length }] : [],
  );

/** A text with `secret{path}` in it. */
export function textWithSecrets(text: string): SecretNode | undefined {
  const parts: (string | SecretNode)[] = [];
  let end = 0;
  for (const { path, at, length } of secretsIn(text)) {
    if (at > end) parts.push(text.slice(end, at));
    parts.push({ $secret: path });
    end = at + length;
  }
  if (parts.length === 0) return undefined;
  if (end < text.length) parts.push(text.slice(end));
  const [only] = parts;
  return parts.length === 1 && typeof only === "object" ? only : { $text: parts };
}

/** A value of `vars:` or an inline `foreach:` with its references typed; the very same where there are none. */
export function withSecrets(value: Json): Json {
  if (typeof value === "string") {
    const node = wholeSecret(value) ?? textWithSecrets(value);
    return node === undefined ? value : sealed(node);
  }
  return mapped(value, withSecrets);
}

/** Is there a secret anywhere in a value that templates may see? */
export function holdsSecret(value: unknown): boolean {
  if (isSealed(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
}

/** Keys that mean a secret in a body; policy and traits must not bring their own. */
export const reservedKeys: readonly string[] = ["$secret", "$text"];

/** Rendered parameters as plain JSON. Throws `SecretUse` for a map that only looks like a secret. */
export function spelled(value: Json): Json {
  return mayMean(value) ? spell(value) : value;
}

function spell(value: Json): Json {
  if (isSealed(value)) return value.node as Json;
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    for (const key of reservedKeys)
      if (Object.hasOwn(value, key)) throw new SecretUse(`a map with the key ${key}`);
  return mapped(value, spell);
}

/** Most parameters hold no secret, and every one of them is asked: without making anything. */
function mayMean(value: Json): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isSealed(value) || "$secret" in value || "$text" in value) return true;
  for (const key in value) if (mayMean((value as JsonObject)[key] as Json)) return true;
  return false;
}

export const isSecretNode = (value: unknown): value is SecretNode<string | number> =>
  typeof value === "object" && value !== null && ("$secret" in value || "$text" in value);

/** Refs in parameters that are plain JSON, in order, each once. */
export function refsIn<Ref extends string | number>(value: unknown): readonly Ref[] {
  if (!mayMean(value as Json)) return [];
  const refs = new Set<Ref>();
  const look = (inner: unknown): void => {
    if (typeof inner !== "object" || inner === null) return;
    if ("$secret" in inner) refs.add(inner.$secret as Ref);
    else for (const each of Object.values(inner)) look(each);
  };
  look(value);
  return [...refs];
}

/** The same parameters with every secret node replaced; the very same object where there is none. */
export function replaceSecrets<Ref>(
  value: Json,
  replace: (node: SecretNode<Ref>) => unknown,
): Json {
  if (!mayMean(value)) return value;
  if (isSecretNode(value)) return replace(value as SecretNode<Ref>) as Json;
  return mapped(value, (inner) => replaceSecrets(inner, replace));
}

/** Each ref changed, as when paths become indices. */
export function renameRefs<From, To>(
  node: SecretNode<From>,
  rename: (ref: From) => To,
): SecretNode<To> {
  const filters = node.filters === undefined ? {} : { filters: node.filters };
  if ("$secret" in node) return { $secret: rename(node.$secret), ...filters };
  const parts = node.$text.map((part) =>
    typeof part === "string" ? part : renameRefs(part, rename),
  );
  return { $text: parts, ...filters };
}

/** Parameters for a schema that has to be asked before the values are known: any text may turn out to be anything. */
export const withStandIns = (params: JsonObject, standIn = "secret"): JsonObject =>
  replaceSecrets<string | number>(
    params,
    (node) => new SecretText(standIn, writtenAs(node)),
  ) as JsonObject;

/** For people. */
export const writtenAs = (node: SecretNode<string | number>): string =>
  "$secret" in node
    ? `secret{${node.$secret}}`
    : node.$text.map((part) => (typeof part === "string" ? part : writtenAs(part))).join("");

function mapped(value: Json, of: (inner: Json) => Json): Json {
  if (typeof value !== "object" || value === null || isSealed(value)) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => of(item));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const entries = Object.entries(value).map(([key, inner]) => [key, of(inner)] as const);
  const same = entries.every(([key, inner]) => inner === (value as JsonObject)[key]);
  return same ? value : Object.assign(Object.create(null), Object.fromEntries(entries));
}
