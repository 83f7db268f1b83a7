/**
 * Unit files as systemd.syntax(7) has them: sections of `Key=value` lines, and command lines as systemd.service(5) quotes them.
 * Must not know which keys there are: systemd itself proves a text.
 */

type Values = string | readonly string[];

/** Keys of each section in order; a list is the key several times, as `ExecStart` may be. */
export type Sections = Readonly<Record<string, Readonly<Record<string, Values>>>>;

/** Is this what `printUnit` can print so that it is read again as it was? */
export function isSections(value: unknown): value is Sections {
  return (
    isMap(value) &&
    Object.entries(value).every(
      ([section, keys]) =>
        /^[^[\]\s\\][^[\]\n\r\\]*$/.test(section) &&
        isMap(keys) &&
        Object.entries(keys).every(([key, values]) => isKey(key) && isValue(values)),
    )
  );
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isKey = (key: string) => /^[A-Za-z0-9][A-Za-z0-9-]*$/.test(key);

/** A backslash at its end would take the next line along. */
const isLine = (value: unknown) =>
  typeof value === "string" && /^(?:[^\n\r\0]*[^\\\n\r\0])?$/.test(value);

const isValue = (values: unknown) =>
  Array.isArray(values) ? values.length > 0 && values.every(isLine) : isLine(values);

/** Sections with a blank line between two, each key on a line of its own. */
export const printUnit = (sections: Sections): string =>
  Object.entries(sections)
    .map(([section, keys]) => {
      const lines = Object.entries(keys).flatMap(([key, values]) =>
        [values].flat().map((value) => `${key}=${value}\n`),
      );
      return `[${section}]\n${lines.join("")}`;
    })
    .join("\n");

/** A command for `ExecStart`: no word of it is taken for a variable or a specifier. */
export const execLine = (command: string | readonly string[]): string =>
  (typeof command === "string" ? ["/bin/sh", "-c", command] : command).map(word).join(" ");

function word(text: string): string {
  const literal = text.replaceAll("%", "%%").replaceAll("$", "$$$$");
  if (/^[\w/.:=,%$+@-]+$/.test(literal)) return literal;
  const escaped = literal.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
