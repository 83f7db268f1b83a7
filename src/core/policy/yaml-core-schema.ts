/** What a plain scalar means in the core schema of YAML 1.2 (section 10.3.2). Must not know where it stands. */
const words: ReadonlyMap<string, boolean | null> = new Map([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
]);

const integer = /^[-+]?[0-9]+$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const octal = /^0o[0-7]+$/;
const hexadecimal = /^0x[0-9a-fA-F]+$/;
const infinite = /^[-+]?\.(?:inf|Inf|INF)$/;
const notANumber = /^\.(?:nan|NaN|NAN)$/;

export function coreValue(source: string): string | number | boolean | null {
  const word = words.get(source);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(source)) return source;
  if (integer.test(source)) return Number.parseInt(source, 10);
  if (float.test(source)) return Number.parseFloat(source);
  if (octal.test(source)) return Number.parseInt(source.slice(2), 8);
  if (hexadecimal.test(source)) return Number.parseInt(source.slice(2), 16);
  if (infinite.test(source)) return source.startsWith("-") ? -Infinity : Infinity;
  return notANumber.test(source) ? Number.NaN : source;
}
