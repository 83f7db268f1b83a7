/**
 * One command as data: it computes a value and says how to print it; text or JSON, exit codes and what went wrong are decided
 * here, the same for all modes. Must not know any command, nor its name: the program's table has that.
 */
import { asVigoError, failures } from "../errors.ts";
import { inertJson, inertText } from "../inert.ts";
import { type Args, type Given, misused, readArgs } from "./args.ts";
import type { Screen } from "./screen.ts";

/** `Context` is what a mode's commands may touch. */
export interface Spec<Context, A extends Args, R> {
  readonly args: A;
  /** Whole lines as they are typed, without `$`: `vigo cli envoys show web-1`. */
  readonly examples?: readonly string[];
  run(args: Given<A>, context: Context): Promise<R>;
  /** The result for people; `--json` prints the result itself. A command without it has no result and no `--json`. */
  print?(result: R, screen: Screen, args: Given<A>): string;
  /** The exit code of a result; 0 unless said otherwise. */
  exit?(result: R, args: Given<A>): number;
}

/** A command with its types hidden. */
export interface Command<Context> {
  readonly args: Args;
  readonly examples: readonly string[];
  readonly hasResult: boolean;
  /** Gives the exit code; rejects with what went wrong. */
  execute(words: readonly string[], setting: Setting<Context>): Promise<number>;
}

/** Where a command is executed. */
export interface Setting<Context> {
  readonly screen: Screen;
  /** Flags of the whole program beside the command's own. */
  readonly shared: Args;
  /** Made after the words are read, from the values of the shared flags. */
  context(shared: Readonly<Record<string, unknown>>): Context | Promise<Context>;
}

/** Flags that the reader itself understands. */
export const jsonFlag = {
  json: { type: "boolean", description: "Print the result as JSON." },
} as const satisfies Args;

/** `commandFor<Context>()` is the `command` of a mode; two calls, so that the types of the arguments are inferred. */
export const commandFor =
  <Context>() =>
  <const A extends Args, R>(spec: Spec<Context, A, R>): Command<Context> => ({
    args: spec.args,
    examples: spec.examples ?? [],
    hasResult: spec.print !== undefined,
    async execute(words, { screen, shared, context }) {
      const json = spec.print === undefined ? {} : jsonFlag;
      const all = readArgs(words, { ...shared, ...spec.args, ...json }) as Readonly<
        Record<string, unknown>
      >;
      mustHaveOneForm(all);
      const given = all as Given<A>;
      const result = await spec.run(given, await context(all));
      if (spec.print !== undefined) {
        const text =
          all["json"] === true
            ? inertJson(JSON.stringify(result, undefined, 2))
            : spec.print(result, screen, given);
        if (text !== "") screen.out(text);
      }
      return spec.exit?.(result, given) ?? 0;
    },
  });

function mustHaveOneForm({ json, csv }: Readonly<Record<string, unknown>>): void {
  if (json === true && csv === true) throw misused("either --json or --csv");
}

/** The border of every command: what is thrown inside becomes a message and an exit code. Never rejects. */
export async function reporting(screen: Screen, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (caught) {
    const error = asVigoError(caught);
    // A message may quote what a stranger said.
    screen.err(`vigo: ${inertText(error.message)}`);
    if (error.hint !== undefined) screen.err(`hint: ${inertText(error.hint)}`);
    if (error.failure === "internal") screen.err(stackOf(error.cause ?? error));
    return failures[error.failure].exit;
  }
}

const stackOf = (bug: unknown): string =>
  bug instanceof Error ? (bug.stack ?? String(bug)) : String(bug);
