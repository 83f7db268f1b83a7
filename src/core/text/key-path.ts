/**
 * Dotted keys (`a.b[0]`, `a["b.c"]`) and what they lead to in a value of maps and lists. Must not know how a file spells the
 * value: the editors of JSON, YAML and TOML do.
 */
import { VigoError } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";

/** Names lead into maps, numbers into lists. */
export type KeyPath = readonly (string | number)[];

/** What a schema asks of a dotted key. */
export const keyPathPattern =
  /^(?:[^\s.[\]"]+|\["(?:[^"\\]|\\.)+"\]|\[\d{1,6}\])(?:\.[^\s.[\]"]+|\["(?:[^"\\]|\\.)+"\]|\[\d{1,6}\])*$/;

/** The steps of a key that fits the pattern. */
export function parseKeyPath(key: string): KeyPath {
  const steps = key.matchAll(/\["((?:[^"\\]|\\.)+)"\]|\[(\d+)\]|([^\s.[\]"]+)/g);
  return [...steps].map(([, quoted, index, plain]) => {
    if (index !== undefined) return Number(index);
    return plain ?? (quoted ?? "").replace(/\\(.)/g, "$1");
  });
}

/** The one spelling of a path, for messages and claims. */
export const printKeyPath = (path: KeyPath): string =>
  path
    .map((step, at) => {
      if (typeof step === "number") return `[${step}]`;
      const isPlain = !/[\s.[\]"]/.test(step) && step !== "";
      const dot = at === 0 ? "" : ".";
      return isPlain ? `${dot}${step}` : `["${step.replace(/["\\]/g, "\\$&")}"]`;
    })
    .join("");

export const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** What stands at a path; undefined where it leads to nothing. */
export function valueAt(root: Json | undefined, path: KeyPath): Json | undefined {
  let value: Json | undefined = root;
  for (const step of path) {
    if (typeof step === "number") value = isList(value) ? value[step] : undefined;
    else value = isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

/** Equal whatever the order of keys. */
export function sameValue(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null)
    return Object.is(a, b) || a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && sameValue(value, right.get(key)))
  );
}

/** How many steps of a path lead somewhere. Rejects where the rest cannot be made: through a text, or past the end of a list. */
export function reachOf(root: Json, path: KeyPath): number {
  for (const [depth, step] of path.entries()) {
    const here = valueAt(root, path.slice(0, depth));
    const place = printKeyPath(path.slice(0, depth)) || "the whole file";
    if (typeof step === "number") mustTakeIndex(here, step, place);
    else if (!isMap(here))
      throw new VigoError("failed", `${place} is ${kindOf(here)}, not a map`, {
        hint: `remove it, or correct the key ${printKeyPath(path)}`,
      });
    if (valueAt(root, path.slice(0, depth + 1)) === undefined) return depth;
  }
  return path.length;
}

function mustTakeIndex(here: Json | undefined, index: number, place: string): void {
  if (!isList(here))
    throw new VigoError("failed", `${place} is ${kindOf(here)}, not a list`, {
      hint: "an [index] leads into a list only",
    });
  if (index > here.length)
    throw new VigoError("failed", `${place} has ${here.length} items: there is no [${index}]`, {
      hint: `[${here.length}] adds one at its end`,
    });
}

function kindOf(value: Json | undefined): string {
  if (isList(value)) return "a list";
  if (isMap(value)) return "a map";
  return value === null ? "null" : typeof value === "string" ? "a text" : `a ${typeof value}`;
}

/** The value wrapped in what the steps ask for: `["a", 0]` gives `{a: [value]}`. */
export function wrapped(path: KeyPath, value: Json): Json {
  return path.reduceRight<Json>((inner, step) => {
    if (typeof step === "string") return { [step]: inner };
    if (step === 0) return [inner];
    throw new VigoError("failed", `a new list begins with [0], not [${step}]`, {
      hint: "declare its items in order",
    });
  }, value);
}

/** Nothing (null) on the way makes place for what is wanted: the path to it, and the value wrapped in the rest. */
export function throughNull(root: Json, path: KeyPath, value: Json): readonly [KeyPath, Json] {
  const depth = path.findIndex((_, at) => valueAt(root, path.slice(0, at)) === null);
  return depth < 0 ? [path, value] : [path.slice(0, depth), wrapped(path.slice(depth), value)];
}

/** A copy with another value at a path, for proof of what an editor has done. */
export function withValue(root: Json, path: KeyPath, value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const inner = valueAt(root, [step]);
  const next = inner === undefined ? wrapped(rest, value) : withValue(inner, rest, value);
  if (typeof step === "number")
    return isList(root) ? [...root.slice(0, step), next, ...root.slice(step + 1)] : [next];
  return { ...(isMap(root) ? root : {}), [step]: next };
}

/** A copy without what is at a path. */
export function withoutValue(root: Json, path: KeyPath): Json {
  const [step, ...rest] = path;
  if (step === undefined || valueAt(root, path) === undefined) return root;
  if (typeof step === "number" && isList(root))
    return root.flatMap((item, at) => {
      if (at !== step) return [item];
      return rest.length === 0 ? [] : [withoutValue(item, rest)];
    });
  if (!isMap(root)) return root;
  const { [String(step)]: inner = null, ...others } = root;
  if (rest.length === 0) return others;
  return { ...root, [String(step)]: withoutValue(inner, rest) };
}

/**
 * A declared value as JSON means it: texts that spell a number, true, false or null are those; other texts stay. Numbers that
 * would not come back as they were written (`0644`, beyond 2^53) stay texts.
 */
export function plainValue(written: Json): Json {
  if (isList(written)) return written.map(plainValue);
  if (isMap(written))
    return Object.fromEntries(
      Object.entries(written).map(([key, value]) => [key, plainValue(value)]),
    );
  if (typeof written !== "string") return written;
  const word = words.get(written);
  if (word !== undefined) return word;
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(written)) return written;
  const number = Number(written);
  const isKept =
    Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return isKept ? number : written;
}

const words: ReadonlyMap<string, Json> = new Map<string, Json>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
