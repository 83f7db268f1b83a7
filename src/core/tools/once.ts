/**
 * Questions that several traits have in common, asked once for all of them: starting PowerShell or system_profiler costs more than
 * all else. Must not know any question.
 */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";

/** The answer to the question of this name; who asks first makes it. One that failed is the same failure for all. */
export type Once = <T>(name: string, ask: () => Promise<T>) => Promise<T>;

/** Lives as long as one collection, so that nothing is told that was true earlier. */
export function askingOnce(): Once {
  const answers = new Map<string, Promise<unknown>>();
  return <T>(name: string, ask: () => Promise<T>): Promise<T> => {
    const known = answers.get(name);
    if (known !== undefined) return known as Promise<T>;
    const answer = ask();
    answers.set(name, answer);
    return answer;
  };
}

export interface Asking {
  readonly once: Once;
}

/** The collection gives up on a trait before. */
const timeoutMs = 25_000;

/** What a program prints; rejects when it fails. With `codes`, these are fine too. */
export const printed = (
  host: ReadHost,
  { once }: Asking,
  argv: readonly string[],
  codes: readonly number[] = [0],
): Promise<string> =>
  once(argv.join(" "), async () => {
    const { code, stdout, stderr, truncated } = await host.query({ argv, timeoutMs });
    if (truncated === true)
      throw new VigoError("limited", `${argv.join(" ")}: it prints more than is kept`);
    if (codes.includes(code)) return stdout;
    const said = stderr.trim().split("\n").at(-1) ?? "";
    throw new VigoError(
      "failed",
      `${argv.join(" ")}: exit ${code}${said === "" ? "" : `: ${said}`}`,
    );
  });
