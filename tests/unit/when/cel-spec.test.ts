/**
 * Conditions held to the conformance suite of CEL itself. What the language leaves out on purpose is counted; what differs
 * in spite of that is listed by name, with the reason, and a case that begins to pass must leave the list.
 */
import { expect, test } from "bun:test";
import { answer, type Case, readCases } from "../../support/cel-spec.ts";

const files = [
  "basic",
  "comparisons",
  "conversions",
  "fields",
  "integer_math",
  "lists",
  "logic",
  "macros",
  "parse",
  "plumbing",
  "string",
  "timestamps",
];

/** Why our answer is another one, and for which cases. */
const differs: Readonly<Record<string, readonly string[]>> = {
  "types are checked before anything runs, and these do not fit": [
    "comparisons/eq_literal/eq_mixed_types",
    "comparisons/eq_literal/eq_list_elem_mixed_types",
    "comparisons/eq_literal/not_eq_list_length",
    "logic/conditional/mixed_type",
    "logic/AND/short_circuit_type_left",
    "logic/AND/short_circuit_type_right",
    "logic/OR/short_circuit_type_left",
    "logic/OR/short_circuit_type_right",
  ],
  "unknown functions are refused at publish, wherever they stand": [
    "basic/functions/unbound_is_runtime_error",
    ..."as break const continue else for function if import let loop package namespace return var void while"
      .split(" ")
      .map((word) => `parse/receiver_function_names/${word}`),
  ],
  "has() asks for a name: has(vars.x)": [
    "fields/map_has/has",
    "fields/map_has/has_not",
    "fields/map_has/has_empty",
  ],
  "a key that is no name is written in brackets: vars['a-b']": [
    "fields/quoted_map_fields/field_access_slash",
    "fields/quoted_map_fields/field_access_dash",
    "fields/quoted_map_fields/field_access_dot",
    "fields/quoted_map_fields/has_field_slash",
    "fields/quoted_map_fields/has_field_dash",
    "fields/quoted_map_fields/has_field_dot",
  ],
  "keys of a map literal become texts, and the last of two counts": [
    "fields/qualified_identifier_resolution/map_key_float",
    "fields/qualified_identifier_resolution/map_key_null",
    "fields/qualified_identifier_resolution/map_value_repeat_key",
    "macros/exists_one/map_one",
  ],
  "a number begins with a digit": ["comparisons/gt_literal/not_gt_double"],
  "whole numbers beyond 2^63 are not told apart from doubles, nor refused": [
    "comparisons/lt_literal/not_lt_dyn_int_big_lossy_double",
    "comparisons/gt_literal/not_gt_dyn_big_double_int",
    "comparisons/lte_literal/lte_dyn_big_double_int",
    "comparisons/gte_literal/gte_dyn_int_big_lossy_double",
    "conversions/int/double_int_max_range",
    "conversions/int/double_int_min_range",
    "conversions/int/double_range",
    "conversions/uint/double_uint_max_range",
    "integer_math/int64_math/int64_min_negate",
    "integer_math/int64_math/int64_min_negate_div",
  ],
  "what an empty list literal holds cannot be told": ["macros/all/list_empty"],
};

const cases = (await Promise.all(files.map(readCases))).flat();
const ours = cases.filter(({ beyond }) => beyond === undefined);
const passes = (one: Case) => {
  const got = answer(one);
  return one.wanted === undefined ? got !== "an error" : got === one.wanted;
};

test("every case that is ours gives the right answer, but for those that are listed", () => {
  const wrong = ours.filter((one) => !passes(one)).map(({ name }) => name);
  expect(wrong.sort()).toEqual(Object.values(differs).flat().sort());
});

test("the page on conditions tells each of these", async () => {
  const page = (await Bun.file("docs/conditions.md").text()).replaceAll("`", "");
  const parts = cases.flatMap(({ beyond }) => beyond ?? []);
  for (const told of new Set([...Object.keys(differs), ...parts]))
    expect([told, page.includes(told)]).toEqual([told, true]);
});

test("names are unique, so that a listed one is one case", () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

test("what the language leaves out, in numbers", () => {
  const counts: Record<string, number> = { ours: ours.length };
  for (const { beyond } of cases)
    if (beyond !== undefined) counts[beyond] = (counts[beyond] ?? 0) + 1;
  expect(counts).toEqual({
    ours: 659,
    "unsigned numbers": 177,
    bytes: 105,
    times: 80,
    "names inside a container": 64,
    "protocol buffers": 36,
    "declared types of names": 27,
  });
});
