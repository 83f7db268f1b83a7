/** `--only` and `--skip`: which resources of a body a run is about. Must not know outcomes. */
import { didYouMean } from "../did-you-mean.ts";
import { VigoError } from "../errors.ts";
import { isNamed, partsOf } from "../resource-key.ts";

export interface Filter {
  /** `CRATE` or `CRATE/RESOURCE`; items in brackets may be left out. None: all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** Says of a key why it is left out, or undefined. Throws `invalid` for a pattern that means nothing in this body. */
export function filter(keys: readonly string[], { only, skip }: Filter) {
  for (const pattern of [...only, ...skip])
    if (!keys.some((key) => isNamed(pattern, key))) throw nothing(pattern, keys);
  return (key: string): string | undefined => {
    if (only.length > 0 && !only.some((pattern) => isNamed(pattern, key)))
      return "left out by --only";
    return skip.some((pattern) => isNamed(pattern, key)) ? "left out by --skip" : undefined;
  };
}

function nothing(pattern: string, keys: readonly string[]): VigoError {
  const names = new Set(keys.flatMap((key) => [partsOf(key).crate, key]));
  const guess = didYouMean(pattern, [...names]);
  return new VigoError("invalid", `nothing here is called ${pattern}`, {
    hint: guess === undefined ? "write CRATE or CRATE/RESOURCE" : `did you mean ${guess}?`,
  });
}
