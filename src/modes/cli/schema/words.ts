/** The few schemas that `.vgo` documents are made of, as YAML reads them: a plain scalar may be a text, a number or a flag. */

export type Schema = Readonly<Record<string, unknown>>;

/** A text; `0644` and `true` without quotes are taken by their letters. */
export const text = { type: ["string", "number", "boolean"] };
export const name = {
  ...text,
  pattern: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$",
};
const texts = { anyOf: [text, { type: "array", items: text }, { type: "null" }] };
export const flag = { enum: [true, false, "true", "false"] };
export const map = { type: ["object", "null"] };
export const condition = { ...text, description: "CEL over traits, vars and envoy." };
export const time = {
  anyOf: [
    { type: "string", pattern: "^\\d{1,9}(?:ms|s|m|h)?$" },
    { type: "integer", minimum: 1, maximum: 604_800 },
  ],
};

/** One name or a list of them. */
export const names = (description: string): Schema => ({ ...texts, description });

/** `vars:`, a lookup among them in its own shape. */
export const vars = {
  type: ["object", "null"],
  description: "Values for templates and conditions.",
  propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_]{0,127}$" },
  additionalProperties: {
    if: { type: "object", required: ["lookup"] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: {
      required: ["key"],
      properties: { lookup: text, key: text, required: flag, default: {} },
      additionalProperties: false,
      oneOf: [
        { required: ["required"], properties: { required: { enum: [true, "true"] } } },
        { required: ["default"] },
      ],
    },
  },
};

export const listOf = (items: Schema): Schema => ({ type: ["array", "null"], items });

/** A map that has these keys and no other. */
export const only = (properties: Schema, required: readonly string[] = []): Schema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

export const when = (condition: Schema, then: Schema): Schema => ({
  if: condition,
  then,
});
