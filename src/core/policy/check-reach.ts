/** Hostcrates that no host can reach, because an earlier one takes every name they could. Must not know hosts. */
import type { Findings } from "./findings.ts";
import type { HostPattern } from "./hostname.ts";
import type { Policy, ReadyHostcrate } from "./policy.ts";

export function checkReach({ hostcrates }: Policy, found: Findings): void {
  const taken: { readonly pattern: HostPattern; readonly by: ReadyHostcrate }[] = [];
  for (const hostcrate of hostcrates) {
    const { patterns, declared } = hostcrate;
    const takers = patterns.map((one) => taken.find(({ pattern }) => covers(pattern, one))?.by);
    const [first] = takers;
    if (first !== undefined && takers.every((taker) => taker !== undefined)) {
      const { file, line } = first.declared.place;
      found.warning("VG953", declared.place, patterns[0]?.source ?? "", {
        message: `no host gets here: ${file}:${line} takes every name before`,
        hint: "the first match wins over the whole tree; put the special one first",
      });
    }
    if (declared.where === undefined)
      taken.push(...patterns.map((pattern) => ({ pattern, by: hostcrate })));
  }
}

/** As far as it is plain: the same pattern, a star alone, or a name without stars that the other matches. */
const covers = (wide: HostPattern, narrow: HostPattern): boolean =>
  wide.source === "*" ||
  wide.source === narrow.source ||
  (narrow.literal && wide.matches(narrow.source));
