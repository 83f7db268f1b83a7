/**
 * The LiquidJS engine under our rules: strict, bounded, without files, without clock or dice, so that one policy renders to
 * the same bytes at any time. Loaded with the first text that has tags. Must not know what variables exist.
 */
import type { Context, Liquid, Template as Parsed } from "liquidjs";
import { unknownWord } from "../../did-you-mean.ts";
import type { Json } from "../../json.ts";
import { addFilters } from "./filters.ts";
import { isSealed, SecretUse, secretsIn } from "../secrets.ts";
import { plainOf } from "./plain.ts";
import { readsOf } from "./reads.ts";
import { type Holes, holesIn, Marks } from "./secrets.ts";
import type { Rendered, Template, TemplateError, TemplateScope } from "./template.ts";
import { undefinedVariable } from "./undefined-variable.ts";

/** Required, not imported: loaded on first use, and without making the callers asynchronous. */
const library = () => require("liquidjs") as typeof import("liquidjs");

const limits = {
  /** Letters of one text. */
  parseLimit: 1024 * 1024,
  /** What LiquidJS counts: items and letters that filters and ranges make. */
  memoryLimit: 10_000_000,
};
/** Tags and texts that one rendering may come by: some 100 ms. Counted, not timed: a slow machine renders the same. */
const mostSteps = 250_000;
/** Letters of what comes out. */
const most = 4 * 1024 * 1024;
/** `if`, `for`, … inside one another. */
const depth = 50;

/** They read files, or print without being seen. */
const tagsWithout = [
  "include",
  "render",
  "layout",
  "block",
  "echo",
  "liquid",
  "increment",
  "decrement",
];
/** They throw dice. */
const filtersWithout = ["sample"];

interface Engines {
  readonly text: Liquid;
  /** For what is one expression: the value keeps its type. */
  readonly value: Liquid;
}
let engines: Engines | undefined;

function newEngine(options: { readonly single: boolean }): Liquid {
  const liquid = new (library().Liquid)({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    relativeReference: false,
    timezoneOffset: 0,
    templates: {},
    ...limits,
    ...(options.single ? { keepOutputType: true } : { outputEscape: printable }),
  });
  for (const name of tagsWithout) delete liquid.tags[name];
  for (const name of filtersWithout) liquid.unregisterFilter(name);
  addFilters(liquid);
  return liquid;
}

/** Of the rendering that is under way; the engine has no way to hand it to what prints. */
let marks = new Marks();

const printable = (value: unknown): string => {
  if (isSealed(value)) return marks.print(value);
  if (typeof value !== "object" || value === null) return value as string;
  const kind = Array.isArray(value) ? "list" : "map";
  throw new Unprintable(`a ${kind} cannot be printed as text`, waysOut[kind]);
};

const waysOut = {
  map: "print it with | json, | yaml or | toml",
  list: 'print it with | join: ", " or | json, or go through it with {% for %}',
};

/** Thrown by our own code inside the engine; it comes out wrapped, with a place. */
class Unprintable extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

export function compile(source: string): Template | TemplateError {
  engines ??= { text: newEngine({ single: false }), value: newEngine({ single: true }) };
  if (source.length > limits.parseLimit)
    return failed("syntax", `a template may have ${limits.parseLimit} letters`);
  const deep = tooDeep(source);
  if (deep !== undefined) return deep;
  try {
    return compiled(source, holesIn(source), engines);
  } catch (error) {
    if (error instanceof SecretUse) return { ...failed("secret", error.message), hint: error.hint };
    return failure(error, "syntax", {});
  }
}

function compiled(source: string, holes: Holes | undefined, { value, text }: Engines): Template {
  const filled = holes?.source ?? source;
  const single = isSingle(filled, value);
  const engine = single ? value : text;
  const parsed = engine.parse(filled);
  const own = holes?.scope ?? new Map<string, Json>();
  const all = readsOf(engine, parsed, filled);
  const reached = new Set(all.map(({ path: [root = ""] }) => root));
  if ([...own.keys()].some((name) => !reached.has(name)))
    throw new SecretUse("secret{…} stands in a comment or in raw text, where nothing is printed");
  const more = Object.fromEntries(own);
  const plain = holes === undefined ? plainOf(parsed, single) : undefined;
  return {
    kind: "template",
    source,
    reads: all.filter(({ path: [root = ""] }) => !own.has(root)),
    single,
    literal: false,
    secrets: holes === undefined ? [] : secretsIn(source).map(({ path }) => path),
    render: (scope) => {
      const value = plain?.(scope);
      return value === undefined
        ? render(engine, parsed, { ...scope, ...more })
        : { kind: "rendered", value };
    },
  };
}

/** Nothing but one `{{ … }}`, not even a blank around it. */
function isSingle(source: string, engine: Liquid): boolean {
  if (!source.startsWith("{{") || !source.endsWith("}}")) return false;
  const [only, ...more] = engine.parse(source);
  return only instanceof library().Output && more.length === 0;
}

function render(engine: Liquid, parsed: Parsed[], scope: TemplateScope): Rendered {
  marks = new Marks();
  try {
    const value: unknown = engine.renderSync(parsed, bounded(engine, scope));
    if (typeof value === "string" && value.length > most)
      return failed("failed", `it renders to more than ${most} letters`);
    if (!isJson(value)) return failed("failed", "it comes to a value that cannot be written down");
    return {
      kind: "rendered",
      value: typeof value === "string" ? marks.restore(value) : (value ?? null),
    };
  } catch (error) {
    if (error instanceof SecretUse) return { ...failed("secret", error.message), hint: error.hint };
    if (error instanceof TooLong) return failed("failed", error.message);
    return failure(error, "failed", scope);
  }
}

class TooLong extends Error {}

/** The engine asks its limit before each step, with the time, which is not looked at. */
function bounded(engine: Liquid, scope: TemplateScope) {
  let steps = 0;
  const check = () => {
    steps += 1;
    if (steps > mostSteps) throw new TooLong(`it takes more than ${mostSteps} steps to render`);
  };
  const renderLimit = { check } as unknown as Context["renderLimit"];
  const { Context: Scope } = library();
  return new Scope(scope, engine.options, { sync: true }, { renderLimit, liquid: engine });
}

/** Filters can make numbers without end. */
function isJson(value: unknown): value is Json | undefined {
  if (value === undefined || value === null) return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (isSealed(value)) return true;
  if (typeof value !== "object") return typeof value === "string" || typeof value === "boolean";
  if (Array.isArray(value)) return value.every(isJson);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === null || prototype === Object.prototype) && Object.values(value).every(isJson)
  );
}

const failed = (reason: TemplateError["reason"], message: string): TemplateError => ({
  kind: "error",
  reason,
  message,
  line: 1,
  column: 1,
});

function failure(error: unknown, reason: "syntax" | "failed", scope: TemplateScope): TemplateError {
  const { LiquidError } = library();
  if (!LiquidError.is(error)) throw error;
  const [line = 1, column = 1] = (error.token as { getPosition(): number[] }).getPosition();
  const cause = error.originalError;
  if (error.name === "UndefinedVariableError")
    return { kind: "error", reason: "undefined", ...undefinedVariable(cause, scope), line, column };
  const message = cause?.message ?? error.message.replace(/, line:\d+, col:\d+$/, "");
  const hint =
    cause instanceof Unprintable || cause instanceof SecretUse ? { hint: cause.hint } : {};
  const why = cause instanceof SecretUse ? "secret" : reason;
  return { kind: "error", reason: why, message: say(message), ...hint, line, column };
}

const unknownTag = /^tag "(.*)" not found$/;
const unknownFilter = /^undefined filter: (.*)$/;

function say(message: string): string {
  const [, tag] = unknownTag.exec(message) ?? [];
  if (tag !== undefined)
    return tagsWithout.includes(tag)
      ? `the tag "${tag}" is not part of the language`
      : unknownWord("tag", tag, Object.keys(engines?.text.tags ?? {}));
  const [, filter] = unknownFilter.exec(message) ?? [];
  if (filter !== undefined)
    return unknownWord("filter", filter, Object.keys(engines?.text.filters ?? {}));
  return message;
}

/** The engine goes down one call for each block that is open. */
function tooDeep(source: string): TemplateError | undefined {
  let open = 0;
  for (const { 1: end, index } of source.matchAll(
    /\{%-?\s*(end)?(?:if|unless|for|case|capture|tablerow)\b/g,
  )) {
    open += end === undefined ? 1 : -1;
    if (open <= depth) continue;
    const before = source.slice(0, index).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    const message = `tags nested more than ${depth} deep`;
    return { kind: "error", reason: "syntax", message, line: before.length, column };
  }
  return undefined;
}
