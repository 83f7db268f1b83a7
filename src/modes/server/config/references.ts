/**
 * `secret:` values in `server.yaml`: where they stand, and what they stand for. What they stand for never gets into a message.
 * Must not know any key, nor a backend.
 */
import { type Document, isScalar, type Scalar, visit } from "yaml";
import { isSecretPath } from "../../../core/secret-path.ts";

/** A value that is kept elsewhere. */
export interface Reference {
  /** Keys that lead there; an index in a list is its number. */
  readonly path: readonly string[];
  /** Of the secret; empty when what is written names none. */
  readonly secret: string;
  /** Into the text. */
  readonly offset: number;
}

export interface Concealed extends Reference {
  readonly value: string;
}

const sign = "secret:";

/** In the order of the text. */
export function referencesIn(document: Document): readonly Reference[] {
  const all: Reference[] = [];
  const look = (node: Scalar, offset: number, path: readonly string[]) => {
    if (typeof node.value !== "string" || !node.value.startsWith(sign)) return;
    const secret = node.value.slice(sign.length);
    all.push({ path, secret: isSecretPath(secret) ? secret : "", offset });
  };
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key !== "key") look(node, node.range?.[0] ?? 0, pathTo(node, ancestors));
    },
    Alias(_, node, ancestors) {
      const meant = node.resolve(document);
      if (isScalar(meant)) look(meant, node.range?.[0] ?? 0, pathTo(node, ancestors));
    },
  });
  return all;
}

/** From the ancestors that the parser gives: maps, pairs, lists. */
function pathTo(node: unknown, ancestors: readonly unknown[]): readonly string[] {
  const chain: readonly unknown[] = [...ancestors, node];
  return chain.flatMap((one, n) => {
    const pair = one as { readonly key?: unknown; readonly items?: readonly unknown[] };
    if (isScalar(pair.key)) return [String(pair.key.value)];
    const at = pair.items?.indexOf(chain[n + 1]) ?? -1;
    const isPair = (chain[n + 1] as { readonly key?: unknown } | undefined)?.key !== undefined;
    return at >= 0 && !isPair ? [String(at)] : [];
  });
}

/** Puts the values into the tree that was parsed. */
export function put(tree: unknown, { path, value }: Concealed): void {
  const [last, ...parents] = [...path].reverse();
  let at = tree as Record<string, unknown> | undefined;
  for (const key of parents.reverse()) at = at?.[key] as Record<string, unknown> | undefined;
  if (at !== undefined && last !== undefined) at[last] = value;
}

/** What is wrong with a value, without the value: our messages end with it. */
export function without(message: string, { secret, value }: Concealed): string {
  const [wanted = ""] = message.split(", not ");
  const told = wanted.includes(value) ? "is not what belongs here" : wanted;
  return `${told} (the value of ${sign}${secret})`;
}
