/**
 * A made-up host for each hostcrate that has a name to match, so that gates which look at hosts can run before there are any.
 * Must not know traits: such a host has reported none.
 */
import type { Subject } from "../policy/model.ts";
import type { Policy } from "../policy/policy.ts";

export function sampleHosts({ hostcrates }: Policy): readonly Subject[] {
  return hostcrates.flatMap(({ patterns }) => {
    for (const { source, matches } of patterns) {
      const hostname = sampleOf(source);
      if (matches(hostname))
        return [{ id: "00000000-0000-0000-0000-000000000000", hostname, traits: {} }];
    }
    return [];
  });
}

/** The simplest name a glob takes. Regular expressions mostly do not take what comes out, and are passed over then. */
const sampleOf = (glob: string): string =>
  glob
    .replace(/\[!.*?\]/g, "0")
    .replace(/\[(.).*?\]/g, "$1")
    .replaceAll("*", "x")
    .replaceAll("?", "x");
