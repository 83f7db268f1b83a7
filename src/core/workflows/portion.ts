/** Counts written as a number (`10`) or as a part of all (`5%`). Pure. */

const form = /^(?:\d{1,6}|(?:\d{1,2}(?:\.\d)?|100)%)$/;

export const isPortion = (written: string): boolean => form.test(written);

export const isWhole = (written: string): boolean => written === "100%";

/** Rounded up for what has to be one at least, down for what may be none. */
export function countOf(written: string, all: number, round: "up" | "down"): number {
  const exact = written.endsWith("%")
    ? (Number(written.slice(0, -1)) / 100) * all
    : Number(written);
  return Math.min(all, round === "up" ? Math.ceil(exact) : Math.floor(exact));
}

/** For each of `all` machines in order, its batch, from 0: no batch is empty, and everyone is in one. */
export function batchesFor(sizes: readonly string[], all: number): readonly number[] {
  const ends = sizes
    .map((size) => countOf(size, all, "up"))
    .filter((end, at, each) => each.slice(0, at).every((before) => before < end));
  if (ends.at(-1) !== all) ends.push(all);
  return Array.from({ length: all }, (_, at) => ends.findIndex((end) => at < end));
}
