/**
 * What the traits of enrolled envoys show of templates: a field that a machine has reported to be without. That is a mistake in the
 * policy, found before it is published; a section that was never reported may come yet and is left to its envoy. Pure.
 */
import type { Problem } from "../problem.ts";
import type { Plan } from "./plan.ts";

/** Each place once, with the envoys that show it; nothing of envoys that the live version cannot be resolved for either. */
export function unsetIn({ unresolved }: Plan): readonly Problem[] {
  const shown = new Map<string, { readonly problem: Problem; readonly hostnames: string[] }>();
  for (const { hostname, problems, as_before } of unresolved)
    for (const problem of as_before === true ? [] : problems.filter(isUnset)) {
      const { file, line, column, message } = problem;
      const key = `${file}:${line}:${column} ${message}`;
      const known = shown.get(key) ?? { problem, hostnames: [] };
      known.hostnames.push(hostname);
      shown.set(key, known);
    }
  return [...shown.values()].map(({ problem, hostnames }) => ({
    ...problem,
    message: `${problem.message} for ${named(hostnames)}`,
  }));
}

const isUnset = ({ code, message }: Problem): boolean =>
  code === "VG106" && !/^traits\.\w+ is not set/.test(message);

const named = ([first = "", ...more]: readonly string[]): string =>
  more.length === 0 ? first : `${first} and ${more.length} more`;
