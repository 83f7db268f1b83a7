/** Which kind of name is asked for where a command line is being typed. Must not know the names, nor who has them. */
import type { Arg, Args } from "../../core/command/args.ts";
import type { TypedLine } from "./typed-line.ts";

/** What a server knows names of. `who`: whatever `--target` takes; `declared`: what `explain` knows beside types and traits. */
export type NameKind =
  | "configcrate"
  | "declared"
  | "envoy"
  | "environment"
  | "named task"
  | "run"
  | "run that goes on"
  | "run that waits"
  | "tag"
  | "task"
  | "task that ended"
  | "task that goes on"
  | "who"
  | "workflow";

/** By command, the kinds of its words by their place; the last one is that of all that follow where a command takes many. */
export const places: Readonly<Record<string, readonly NameKind[]>> = {
  "config promote": ["configcrate", "environment", "environment"],
  "config trace": ["envoy", "configcrate"],
  "envoys maintenance": ["who"],
  "envoys note": ["envoy"],
  "envoys push": ["who"],
  "envoys rename": ["envoy"],
  "envoys revoke": ["envoy"],
  "envoys show": ["envoy"],
  "envoys tag set": ["who", "tag"],
  "envoys tag unset": ["who", "tag"],
  explain: ["declared"],
  "inventory diff": ["envoy", "envoy"],
  "runs show": ["envoy"],
  "task abort": ["task that goes on"],
  "task cancel": ["task that goes on"],
  "task describe": ["named task"],
  "task pause": ["task that goes on"],
  "task rerun": ["task that ended"],
  "task resume": ["task that goes on"],
  "task show": ["task"],
  "traits livequery": ["who"],
  "traits show": ["envoy"],
  "workflow abort": ["run that goes on"],
  "workflow approve": ["run that waits"],
  "workflow run": ["workflow"],
  "workflow status": ["run"],
};

/** By flag, wherever it stands. */
const behind: Readonly<Record<string, NameKind>> = {
  envoy: "envoy",
  tag: "tag",
  target: "who",
  task: "named task",
};

export interface Asked {
  /** A kind, or the closed list itself. */
  readonly names: NameKind | readonly string[];
  /** What of the name is there. */
  readonly begun: string;
  /** What stands before it in the same word: `--target=`. */
  readonly before: string;
  /** The flags that are there already, and have a value. */
  readonly flags: Readonly<Record<string, string>>;
}

/** `argsOf` gives undefined for what is no command. Undefined: nobody knows what comes here. */
export async function askedName(
  { words, begun }: TypedLine,
  argsOf: (command: string) => Promise<Args | undefined>,
): Promise<Asked | undefined> {
  const said = words.slice(words[1] === "cli" ? 2 : 1);
  for (const count of [3, 2, 1]) {
    const command = said.slice(0, count).join(" ");
    const args = count > said.length ? undefined : await argsOf(command);
    if (args !== undefined) return placed(said.slice(count), begun, command, args);
  }
  return undefined;
}

function placed(
  words: readonly string[],
  begun: string,
  command: string,
  args: Args,
): Asked | undefined {
  const { open, flags, count } = walked(words, args);
  if (open !== undefined) return valueAsked(open, args[open], { begun, before: "", flags });
  const [, flag = "", value = ""] = /^--([\w-]+)=(.*)$/s.exec(begun) ?? [];
  if (flag !== "")
    return valueAsked(flag, args[flag], { begun: value, before: `--${flag}=`, flags });
  if (begun.startsWith("-")) return undefined;
  const kinds = places[command] ?? [];
  const all = Object.values(args).filter(({ type }) => type === "positional");
  const last = all.at(-1);
  const goesOn = last?.type === "positional" && last.many === true;
  const names = kinds[count] ?? (goesOn ? kinds.at(-1) : undefined);
  return names && { names, begun, before: "", flags };
}

/** What stands there already: flags with values, how many words, and the flag whose value comes next. */
function walked(words: readonly string[], args: Args) {
  const flags: Record<string, string> = {};
  let open: string | undefined;
  let count = 0;
  for (const word of words) {
    const [, flag = "", value] = /^--([\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (open !== undefined) flags[open] = word;
    else if (flag !== "" && value !== undefined) flags[flag] = value;
    else if (!word.startsWith("-")) count++;
    open = open === undefined && value === undefined && takesValue(args[flag]) ? flag : undefined;
  }
  return { flags, open, count };
}

const takesValue = (arg: Arg | undefined): boolean =>
  arg?.type === "string" || arg?.type === "enum";

function valueAsked(
  flag: string,
  arg: Arg | undefined,
  there: Omit<Asked, "names">,
): Asked | undefined {
  const names = arg?.type === "enum" ? arg.options : behind[flag];
  return names && { names, ...there };
}
