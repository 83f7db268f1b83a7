/** What a schema says about its fields, in words: the same for the manual and for `explain`. Must not know whose schema it is. */
import type { z } from "zod";
import { printDuration } from "../../../core/duration.ts";
import { timeForm } from "../../../core/params.ts";
import { jsonSchema } from "../../../core/params-schema.ts";

export interface Field {
  readonly name: string;
  /** `text`, `one of a, b`, `whole number, 0 to 65535`, `list of text`. */
  readonly type: string;
  readonly required: boolean;
  /** As it would be written. */
  readonly default?: string;
  readonly description: string;
}

type Node = z.core.JSONSchema._JSONSchema;

/** Top fields of an object, in the order they were declared. */
export function fieldsOf(schema: z.ZodType): readonly Field[] {
  const { properties = {}, required = [] } = jsonSchema(schema);
  return Object.entries(properties).map(([name, field]) => {
    const { description = "", default: written } = typeof field === "object" ? field : {};
    const type = inWords(field);
    return {
      name,
      type,
      required: required.includes(name),
      ...(written === undefined ? {} : { default: printed(type, written) }),
      description,
    };
  });
}

/** Times are counted in milliseconds, and never written so. */
const printed = (type: string, written: unknown): string =>
  type === time && typeof written === "number" ? printDuration(written) : JSON.stringify(written);

/** What `inWords` says of a time like `30s` or `5m`. */
export const time = "time";

const isTime = (node: Node): boolean =>
  typeof node === "object" && node.pattern === timeForm.source;

/** A scalar that is taken in any spelling is a text; a quoted number or boolean is not worth a word. */
export function inWords(node: Node): string {
  if (typeof node === "boolean") return "anything";
  if (node.enum !== undefined) return `one of ${node.enum.map(String).join(", ")}`;
  if (node.const !== undefined) return String(node.const);
  const types = [node.type ?? []].flat();
  if (types.length > 1) return types.includes("string") ? "text" : types.join(" or ");
  if (node.anyOf?.some(isTime) === true) return time;
  if (node.anyOf !== undefined) return ofMany(node.anyOf);
  return single(node, types[0]);
}

function ofMany(nodes: readonly Node[]): string {
  const words = [...new Set(nodes.map(inWords))];
  if (words.includes("true or false") && words.includes("one of true, false"))
    return "true or false";
  const whole = words.find((word) => word.startsWith("whole number"));
  if (whole !== undefined && words.length === 2 && words.includes("text")) return whole;
  if (words.includes("text") && words.includes("number") && words.includes("true or false"))
    return [
      "text",
      ...words.filter((word) => !["text", "number", "true or false"].includes(word)),
    ].join(" or ");
  return words.join(" or ");
}

function single(node: Exclude<Node, boolean>, type: string | undefined): string {
  if (type === "boolean") return "true or false";
  if (type === "string") return "text";
  if (type === "integer") return `whole number${range(node)}`;
  if (type === "number") return `number${range(node)}`;
  if (type === "null") return "nothing";
  if (type === "array") return `list of ${listed(node)}`;
  if (type === "object") return mapped(node);
  return "anything";
}

const listed = ({ items }: Exclude<Node, boolean>): string =>
  items === undefined || Array.isArray(items) ? "anything" : inWords(items);

function mapped({ properties, additionalProperties }: Exclude<Node, boolean>): string {
  const names = Object.keys(properties ?? {});
  if (names.length > 0) return `map of ${names.join(", ")}`;
  return typeof additionalProperties === "object"
    ? `map to ${inWords(additionalProperties)}`
    : "map";
}

/** Bounds that a person chose, not those of the number type. */
function range({ minimum, maximum }: Exclude<Node, boolean>): string {
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (low !== undefined && high !== undefined) return `, ${low} to ${high}`;
  if (low !== undefined) return low === 0 ? "" : `, from ${low}`;
  return high === undefined ? "" : `, up to ${high}`;
}
