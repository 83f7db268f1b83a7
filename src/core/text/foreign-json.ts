/** Values out of the JSON of other programs, of which nothing is certain. Must not know the programs. */

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of a map; none of anything else. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? { ...value } : {};
