/**
 * Texts that do no more than print values (`{{ envoy.hostname }}`, `port {{ vars.port | default: 80 }}`): most templates are, and
 * they are put together without the engine, which takes a hundred times as long. What is not as usual in any way is left to the
 * engine, so that there is one place that knows what is wrong. Must not know secrets, nor how a mistake is said.
 */
import type { Template as Parsed } from "liquidjs";
import type { Json } from "../../json.ts";
import type { TemplateScope } from "./template.ts";

/** Undefined: the engine has to be asked. */
export type Plain = (scope: TemplateScope) => string | number | boolean | undefined;

interface Printed {
  readonly path: readonly string[];
  /** It is printed through `default`, which keeps only what there is. */
  readonly byDefault: boolean;
}

type Part = string | Printed;

/** Beyond these the engine counts, and has limits. */
const most = { parts: 1_000, letters: 1024 * 1024 };

/** As LiquidJS has parsed the text. Undefined where there is more to it. `single`: its one value keeps its type. */
export function plainOf(parsed: readonly Parsed[], single: boolean): Plain | undefined {
  const parts = parsed.map(partOf);
  if (parts.length > most.parts || !parts.every((part) => part !== undefined)) return undefined;
  const [only] = parts;
  if (single) return only === undefined || typeof only === "string" ? undefined : valueIn(only);
  return (scope) => textOf(parts, scope);
}

const valueIn = (printed: Printed) => (scope: TemplateScope) => valueAt(printed, scope);

function textOf(parts: readonly Part[], scope: TemplateScope): string | undefined {
  let text = "";
  for (const part of parts) {
    const value = typeof part === "string" ? part : valueAt(part, scope);
    if (value === undefined) return undefined;
    text += value;
  }
  return text.length > most.letters ? undefined : text;
}

/** Plain values at the end of plain maps. */
function valueAt({ path, byDefault }: Printed, scope: TemplateScope) {
  let value: Json | undefined = scope as Json;
  for (const key of path) {
    if (!isPlainMap(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  if (byDefault && (value === "" || value === false || value === 0)) return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" || typeof value === "boolean" ? value : undefined;
}

function isPlainMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What the engine has made of a piece of text, as far as it is looked at here. */
interface Piece {
  /** Text as it stands, blanks trimmed as the tags beside it want it. */
  readonly str?: unknown;
  readonly value?: {
    readonly initial: { readonly postfix: readonly object[] };
    readonly filters: readonly Filter[];
  };
}

interface Filter {
  readonly name: string;
  readonly args: readonly unknown[];
}

function partOf(parsed: Parsed): Part | undefined {
  const { Output, TypeGuards } = library();
  const { str, value } = parsed as Piece;
  if (TypeGuards.isHTMLToken(parsed.token)) return typeof str === "string" ? str : undefined;
  if (!(parsed instanceof Output) || value === undefined) return undefined;
  const path = pathOf(value.initial.postfix);
  // What prints is a filter too, under a name that nobody can write.
  const filters = value.filters.filter(({ name }) => name !== "[object Function]");
  const byDefault = filters.some(({ name, args }) => name === "default" && args.every(isFixed));
  if (path === undefined || filters.length > (byDefault ? 1 : 0)) return undefined;
  return { path, byDefault };
}

/** Names with dots between them; some mean something else to the engine. */
function pathOf([only, ...more]: readonly object[]): readonly string[] | undefined {
  const { TypeGuards } = library();
  if (more.length > 0 || !TypeGuards.isPropertyAccessToken(only)) return undefined;
  const { variable, props } = only;
  if (variable !== undefined) return undefined;
  const names = props.map((prop) => (TypeGuards.isWordToken(prop) ? prop.content : ""));
  return names.some((name) => ["", "size", "first", "last"].includes(name)) ? undefined : names;
}

/** Nothing has to be looked up for it. */
const isFixed = (argument: unknown): boolean => {
  const { TypeGuards } = library();
  return (
    TypeGuards.isNumberToken(argument) ||
    TypeGuards.isQuotedToken(argument) ||
    TypeGuards.isLiteralToken(argument)
  );
};

const library = () => require("liquidjs") as typeof import("liquidjs");
