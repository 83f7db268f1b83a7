/** One field of the lines of a table (`a:b:c`, or columns between blanks). Must not know which table. */
import { VigoError } from "../errors.ts";
import { type Lines, withLines } from "./lines.ts";
import { linePattern } from "./region.ts";

export interface FieldEdit {
  /** Regular expression of the lines. */
  readonly line_match: string;
  /** The first one is 1. */
  readonly select_field: number;
  /** Literal; blanks stand for any run of blanks. */
  readonly field_separator: string;
  readonly field_value: string;
  readonly field_operation: "set" | "append" | "prepend" | "delete";
  /** Between the values of a field that is a list. */
  readonly value_separator: string;
  /** A line that is too short gets empty fields. */
  readonly extend_fields: boolean;
}

/** Refuses where no line matches, since nothing would then be as it is wished; a value that is to go is gone then. */
export function withField(doc: Lines, edit: FieldEdit): Lines {
  const pattern = linePattern(edit.line_match);
  const matches = doc.lines.map(({ text }) => pattern.test(text));
  if (!matches.includes(true) && edit.field_operation !== "delete")
    throw new VigoError("failed", `no line matches /${edit.line_match}/`, {
      hint: "the line has to be there before one of its fields is edited",
    });
  const lines = doc.lines.map((line, at) => {
    const text = matches[at] === true ? edited(line.text, at, edit) : line.text;
    return text === line.text ? line : { ...line, text };
  });
  return withLines(doc, lines);
}

function edited(text: string, at: number, edit: FieldEdit): string {
  const { fields, gaps, lead } = split(text, edit.field_separator);
  const index = edit.select_field - 1;
  if (index >= fields.length) {
    if (edit.field_operation === "delete") return text;
    extend(fields, gaps, at, edit);
  }
  fields[index] = newValue(fields[index] ?? "", edit);
  return `${lead}${fields.map((field, i) => `${field}${gaps[i] ?? ""}`).join("")}`;
}

function extend(fields: string[], gaps: string[], at: number, edit: FieldEdit): void {
  const blank = edit.field_separator.trim() === "";
  const missing = edit.select_field - fields.length;
  if (!edit.extend_fields || (blank && missing > 1))
    throw new VigoError(
      "failed",
      `line ${at + 1} has ${fields.length} fields, not ${edit.select_field}`,
      {
        hint: blank
          ? "fields between blanks cannot be empty: fill the ones before first"
          : "correct select_field, or say extend_fields: true",
      },
    );
  while (fields.length < edit.select_field) {
    gaps[fields.length - 1] = edit.field_separator;
    fields.push("");
  }
}

/** Between blanks, those at either end of a line belong to no field. */
function split(text: string, separator: string) {
  const blank = separator.trim() === "";
  const lead = blank ? (/^\s*/.exec(text)?.[0] ?? "") : "";
  const parts = text.slice(lead.length).split(blank ? /(\s+)/ : separator);
  if (!blank) return { lead, fields: parts, gaps: parts.slice(1).map(() => separator) };
  const fields = parts.filter((_, i) => i % 2 === 0);
  const gaps = parts.filter((_, i) => i % 2 === 1);
  if (fields.at(-1) === "") fields.pop();
  return { lead, fields, gaps };
}

function newValue(field: string, edit: FieldEdit): string {
  const { field_operation: operation, field_value: value, value_separator: separator } = edit;
  if (operation === "set") return value;
  const values = field === "" ? [] : field.split(separator);
  if (operation === "delete") {
    const left = values.filter((is) => is !== value);
    return left.length === values.length ? field : left.join(separator);
  }
  if (values.includes(value)) return field;
  return (operation === "append" ? [...values, value] : [value, ...values]).join(separator);
}
