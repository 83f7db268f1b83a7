/** The `field_edit` type: one field of lines of a table. Must not make lines: those are `file_line`. */
import type { z } from "zod";
import { choice, flag, parameters, path, text, whole } from "../params.ts";
import { defineResource } from "../resource.ts";
import { withField } from "../text/fields.ts";
import { isPattern } from "../text/region.ts";
import { editDifference, editing, type FileEdit, writeEdit } from "../tools/edited-file.ts";
import { placeFollows } from "../tools/place.ts";

const params = () =>
  parameters({
    path: path("Where the file is."),
    line_match: text("Regular expression of the lines that are edited.", {
      pattern: /^[^\n\r\0]+$/,
      wanted: "a regular expression of one line",
    }),
    select_field: whole("Which field; the first one is 1.", { min: 1, max: 1_000 }),
    field_separator: text("What is between fields; blanks stand for any run of blanks.", {
      pattern: /^[^\n\r\0]{1,20}$/,
      wanted: "one to twenty characters",
    }).default(":"),
    field_value: text("The value of the field, or the one value that comes or goes.", {
      pattern: /^[^\n\r\0]*$/,
      wanted: "one line",
    }),
    field_operation: choice(
      "Set the field; or append, prepend or delete one value of a field that is a list.",
      ["set", "append", "prepend", "delete"],
    ).default("set"),
    value_separator: text("What is between the values of such a list.", {
      pattern: /^[^\n\r\0]{1,20}$/,
      wanted: "one to twenty characters",
    }).default(","),
    extend_fields: flag("Give a line that is too short the fields it lacks.").default(false),
  })
    .refine((p) => isPattern(p.line_match), {
      path: ["line_match"],
      message: "must be a regular expression",
    })
    .refine((p) => !holds(p.field_value, p.field_separator), {
      path: ["field_value"],
      message: "must not hold the field separator: it would be two fields",
    })
    .refine(
      (p) =>
        p.field_operation === "set" ||
        (p.field_value !== "" && !p.field_value.includes(p.value_separator)),
      { path: ["field_value"], message: "must be one value, without the value separator" },
    );

/** An empty field between blanks would be none. */
const holds = (value: string, separator: string) =>
  separator.trim() === "" ? value === "" || /\s/.test(value) : value.includes(separator);

type Params = z.output<ReturnType<typeof params>>;

export const fieldEdit = defineResource<Params>({
  name: "field_edit",
  summary: "Keeps one field of lines of a table.",
  platforms: ["linux", "darwin"],
  params,
  main: "path",
  lane: editing,
  claims: (p) => [{ id: `file:${p.path}`, part: `field:${claimed(p)}` }],
  after: (p) => placeFollows(p.path),

  judgedBy: (p) => [p.path],
  check: (p, host) => editDifference(host, "field", edit(p)),
  apply: (p, host) => writeEdit(host, edit(p)),

  examples: [
    {
      title: "A field of one line",
      params: {
        path: "/etc/nsswitch.conf",
        line_match: "^hosts:",
        select_field: 2,
        field_separator: " ",
        field_value: "files",
      },
    },
    {
      title: "One value in a list",
      params: {
        path: "/etc/app/groups",
        line_match: "^ops:",
        select_field: 4,
        field_value: "dana",
        field_operation: "append",
      },
    },
  ],
});

/** Values of a list are of different owners; a field that is set as a whole has one. */
const claimed = (p: Params) => {
  const field = `${p.line_match} ${p.select_field}`;
  return p.field_operation === "set" ? field : `${field} ${p.field_value}`;
};

const edit = (p: Params): FileEdit => ({
  path: p.path,
  present: p.field_operation !== "delete",
  create: false,
  edit: (doc) => withField(doc, p),
});
