/** What is said of a value that is not what was wanted. Must not know schemas. */

/** A message that says what was wanted and what was there, for each way of getting it wrong. */
export const wants = (
  wanted: string,
  hint: (input: unknown) => string | undefined = () => undefined,
) => ({
  error: ({ input }: { readonly input?: unknown }) => {
    if (input === undefined) return `is required: ${wanted}`;
    const more = hint(input);
    return `must be ${wanted}, not ${shown(input)}${more === undefined ? "" : ` (${more})`}`;
  },
});

/** Longer ones say no more, and may be megabytes. */
const mostShown = 200;

function shown(input: unknown): string {
  const text = JSON.stringify(input) ?? String(input);
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}…`;
}

type Wrong = Parameters<ReturnType<typeof wants>["error"]>[0] & {
  readonly code?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
};

/** A list of a wrong length is a list all the same. */
export const countsIn = ({ error }: ReturnType<typeof wants>) => ({
  error: (wrong: Wrong) => {
    const { code, minimum, maximum } = wrong;
    if (code === "too_big") return `must have ${maximum} at most`;
    return code === "too_small" ? `must have ${minimum} at least` : error(wrong);
  },
});
