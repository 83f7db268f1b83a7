/** `--only` and `--skip`: which resources of a body a run is about. Must not know outcomes. */
import { didYouMean } from "../did-you-mean.ts";
import { VigoError } from "../errors.ts";

export interface Filter {
  /** `CRATE` or `CRATE/RESOURCE`; items in brackets may be left out. None: all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** Says of a key why it is left out, or undefined. Throws `invalid` for a pattern that means nothing in this body. */
export function filter(keys: readonly string[], { only, skip }: Filter) {
  for (const pattern of [...only, ...skip])
    if (!keys.some((key) => means(pattern, key))) throw nothing(pattern, keys);
  return (key: string): string | undefined => {
    if (only.length > 0 && !only.some((pattern) => means(pattern, key)))
      return "left out by --only";
    return skip.some((pattern) => means(pattern, key)) ? "left out by --skip" : undefined;
  };
}

function means(pattern: string, key: string): boolean {
  const [crate = "", resource] = parts(key);
  const [wantedCrate = "", wanted] = parts(pattern);
  return same(wantedCrate, crate) && (wanted === undefined || same(wanted, resource ?? ""));
}

/** A configcrate's name holds no slash; a resource's may (`file:/etc/motd`). */
function parts(written: string): readonly string[] {
  const slash = written.indexOf("/");
  return slash === -1 ? [written] : [written.slice(0, slash), written.slice(slash + 1)];
}

const same = (wanted: string, name: string) =>
  wanted === name || wanted === name.replace(/\[.*\]$/, "");

function nothing(pattern: string, keys: readonly string[]): VigoError {
  const names = new Set(keys.flatMap((key) => [parts(key)[0] ?? key, key]));
  const guess = didYouMean(pattern, [...names]);
  return new VigoError("invalid", `nothing here is called ${pattern}`, {
    hint: guess === undefined ? "write CRATE or CRATE/RESOURCE" : `did you mean ${guess}?`,
  });
}
