/** To be preloaded: shifts what `Date` says by so many milliseconds as the file that VIGO_TEST_CLOCK names holds now. */
import { readFileSync } from "node:fs";

const file = process.env["VIGO_TEST_CLOCK"] ?? "";
const RealDate = Date;
let [shift, readAt] = [0, Number.NEGATIVE_INFINITY];

function now(): number {
  const at = performance.now();
  if (at - readAt > 20) [shift, readAt] = [Number(readFileSync(file, "utf8")), at];
  return RealDate.now() + shift;
}

class ShiftedDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(now());
    else super(...(given as [number]));
  }

  static override now(): number {
    return now();
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
