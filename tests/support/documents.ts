/** Any value of maps and lists, and any key into it, for properties of editors. Must not know a format. */
import fc from "fast-check";
import type { Json } from "../../src/core/json.ts";
import { isList, isMap, type KeyPath } from "../../src/core/text/key-path.ts";

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/),
  fc.string({ minLength: 1, maxLength: 6, unit: "grapheme" }),
  fc.constantFrom(
    "a.b",
    "true",
    "1",
    "~",
    "#x",
    "a: b",
    "-",
    "a#b",
    "__proto__",
    "'q'",
    '"q"',
    "null",
  ),
);

/** `leaf` says what texts and numbers the format has. */
export const documents = (leaf: fc.Arbitrary<Json>) =>
  fc.letrec<{ value: Json; map: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.array(tie("value"), { maxLength: 4 }),
      tie("map"),
    ),
    map: fc
      .uniqueArray(fc.tuple(name, tie("value")), { maxLength: 4, selector: ([key]) => key })
      .map((entries) => Object.fromEntries(entries)),
  }));

export const texts: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ maxLength: 12, unit: "grapheme" }),
  fc.constantFrom(
    "",
    " ",
    "a\nb",
    "a\r\n",
    "# no",
    "x: y",
    "- z",
    "true",
    "0644",
    "1.10",
    "~",
    "'",
    '"',
    "\\",
    "\t",
    "a #b",
    "…",
    "*a",
    "&a",
    "!t",
    "%",
    "@",
    "`",
    "|",
    ">",
    "{",
    "[",
    ",",
    "---",
    "...",
    "end\n\n",
  ),
);

/** Paths to everything in a value, and beside it one step further: what is there and what is new. */
export function pathsInto(value: Json, path: KeyPath = []): readonly KeyPath[] {
  const here = path.length === 0 ? [] : [path];
  if (isList(value))
    return [
      ...here,
      [...path, value.length],
      ...value.flatMap((item, at) => pathsInto(item, [...path, at])),
    ];
  if (!isMap(value)) return here;
  return [
    ...here,
    [...path, "new"],
    [...path, "fresh one", "deeper"],
    ...Object.entries(value).flatMap(([key, inner]) => pathsInto(inner, [...path, key])),
  ];
}
