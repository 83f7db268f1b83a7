/**
 * A template as the policy sees it: what it reads, and what it renders to. A text without tags is its own rendering and loads
 * nothing. Must not know what the values mean, nor where a template stands in a file: places count from its own first letter.
 */
import type { Json } from "../../json.ts";
import { refsIn, type SecretNode, sealed, textWithSecrets } from "../secrets.ts";
import { compile } from "./compile.ts";
import type { Read } from "./reads.ts";

/** What a template may name: `vars`, `traits`, `envoy`, `item`, … Plain data. */
export type TemplateScope = Readonly<Record<string, Json | undefined>>;

export interface Template {
  readonly kind: "template";
  readonly source: string;
  /** In the order they stand in the text. */
  readonly reads: readonly Read[];
  /** It is exactly one expression, and its value keeps its type. */
  readonly single: boolean;
  /** It has no expressions at all. */
  readonly literal: boolean;
  /** Paths of the secrets that its own text names. */
  readonly secrets: readonly string[];
  /** Never throws for what an operator can have got wrong. */
  render(scope: TemplateScope): Rendered;
}

export type Rendered = { readonly kind: "rendered"; readonly value: Json } | TemplateError;

export interface TemplateError {
  readonly kind: "error";
  /** syntax: it cannot be parsed · undefined: a variable is not set · failed: rendering went wrong ·
   * secret: it looks at one.
   */
  readonly reason: "syntax" | "undefined" | "failed" | "secret";
  /** One sentence without a full stop. */
  readonly message: string;
  readonly hint?: string;
  /** Inside the text; both count from 1, columns in UTF-16 units. */
  readonly line: number;
  readonly column: number;
}

/** Are there any tags in it? */
export const isTemplate = (text: string): boolean => text.includes("{{") || text.includes("{%");

const parsed = new Map<string, Template | TemplateError>();
const kept = 5_000;

/** The same text gives the same object, as long as there are not too many. */
export function parseTemplate(source: string): Template | TemplateError {
  if (!isTemplate(source)) return literal(source, textWithSecrets(source));
  const found = parsed.get(source) ?? compile(source);
  if (parsed.size >= kept) parsed.clear();
  parsed.set(source, found);
  return found;
}

/** A text that is not rendered, or the whole of it a secret. */
export const literal = (source: string, node: SecretNode | undefined): Template => ({
  kind: "template",
  source,
  reads: [],
  single: false,
  literal: true,
  secrets: node === undefined ? [] : refsIn(node),
  render: () => ({ kind: "rendered", value: node === undefined ? source : sealed(node) }),
});
