/** Batches and limits of failures, as numbers or as parts of all. Pure. */

/** `10`, or `5%` of all. */
function portionOf(written: string, all: number): number {
  return written.endsWith("%") ? (Number(written.slice(0, -1)) / 100) * all : Number(written);
}

/** Of one batch; one at least, so that each comes to its turn. */
export const batchSize = (written: string | undefined, all: number): number =>
  written === undefined ? Math.max(1, all) : Math.max(1, Math.ceil(portionOf(written, all)));

export const mostFailures = (written: string | undefined, all: number): number | undefined =>
  written === undefined ? undefined : Math.floor(portionOf(written, all));
