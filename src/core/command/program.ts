/**
 * A program of many commands: finds the one that is meant, loads it alone, and prints the usage at each level from a light table.
 * Must not know any command, nor the library that lays usage out.
 */
import util from "node:util";
import { unknownWord } from "../did-you-mean.ts";
import { VigoError } from "../errors.ts";
import type { Arg, Args } from "./args.ts";
import { type Command, jsonFlag, reporting } from "./command.ts";
import type { Screen } from "./screen.ts";

/** One line of the table: what `--help` says, and where the command is. */
export interface Entry<Context> {
  /** One sentence. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly default: Command<Context> }>;
  /** Another spelling, or of no use to people: works, and stays out of the list. */
  readonly hidden?: true;
}

export interface Program<Context> {
  /** As it is typed: `vigo cli`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** By name, one word to three: `envoys show`. */
  readonly commands: Readonly<Record<string, Entry<Context>>>;
  /** One sentence for what stands before the last word: `envoys`. */
  readonly groups?: Readonly<Record<string, string>>;
  /** Flags that every command takes. */
  readonly shared?: Args;
  /** Words that somebody else answers before this program is asked: listed here, with a sentence each. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** citty's `renderUsage`. */
  readonly usage: (definition: Definition) => Promise<string>;
  context(shared: Readonly<Record<string, unknown>>, screen: Screen): Context | Promise<Context>;
}

/** What usage is printed from, in the shape of citty's `CommandDef`. */
export interface Definition {
  meta: { name: string; description: string };
  args?: Record<string, DefinedArg>;
  subCommands?: Record<string, Definition>;
}

type DefinedArg =
  | { type: "positional" | "string"; description: string; required?: boolean; default?: string }
  | { type: "boolean"; description: string; default?: boolean }
  | { type: "enum"; description: string; options: string[]; required?: boolean; default?: string };

/** Runs the command that the words name; gives the exit code. Never rejects. */
export const execute = <Context>(
  program: Program<Context>,
  words: readonly string[],
  screen: Screen,
): Promise<number> =>
  reporting(screen, async () => {
    const [name, rest] = split(program, flagsBehind(words, program.shared ?? {}));
    const entry = Object.hasOwn(program.commands, name) ? program.commands[name] : undefined;
    if (entry === undefined) return group(program, name, rest, screen);
    const { default: command } = await entry.load();
    if (asksForHelp(rest)) {
      screen.out(await usageOf(program, name, entry.summary, command, screen));
      return 0;
    }
    return command.execute(rest, {
      screen,
      shared: program.shared ?? {},
      context: (shared) => program.context(shared, screen),
    });
  });

/** The usage of one command, also for its page in the manual. */
export async function usageOf<Context>(
  program: Program<Context>,
  name: string,
  summary: string,
  command: Command<Context>,
  screen: Pick<Screen, "colour">,
): Promise<string> {
  const json: Args = command.hasResult ? jsonFlag : {};
  const args: Args = { ...command.args, ...program.shared, ...json, ...helpFlag };
  const text = await program.usage({
    meta: { name: `${program.name} ${name}`, description: summary },
    args: Object.fromEntries(Object.entries(args).map(([key, arg]) => [key, shown(key, arg)])),
  });
  const examples = command.examples.map((line) => `  ${line}`);
  const all =
    examples.length === 0 ? text : [text.trimEnd(), "", "EXAMPLES", "", ...examples].join("\n");
  return (screen.colour ? all : util.stripVTControlCharacters(all)).trimEnd();
}

/** A value that nobody named is called like its flag, and nothing is no default worth a word. */
function shown(name: string, arg: Arg): DefinedArg {
  if (arg.type !== "string") return arg as DefinedArg;
  const { default: fallback, ...rest } = arg;
  return { valueHint: name.toUpperCase(), ...(fallback === "" ? rest : arg) } as DefinedArg;
}

const helpFlag = {
  help: { type: "boolean", description: "Print this." },
} as const satisfies Args;

/** Flags of the program may stand before the command's name: they are moved behind it. */
function flagsBehind(words: readonly string[], shared: Args): readonly string[] {
  let at = 0;
  while (words[at]?.startsWith("-") === true && words[at] !== "--") {
    const flag = (words[at] ?? "").replace(/^--/, "");
    const takesNext = !flag.includes("=") && ["string", "enum"].includes(shared[flag]?.type ?? "");
    at += takesNext ? 2 : 1;
  }
  return [...words.slice(at), ...words.slice(0, at)];
}

/** The longest command the words begin with, or the word that should have been one. */
function split<Context>(
  program: Program<Context>,
  words: readonly string[],
): readonly [string, readonly string[]] {
  for (const length of [3, 2, 1]) {
    const name = words.slice(0, length).join(" ");
    if (words.length >= length && Object.hasOwn(program.commands, name))
      return [name, words.slice(length)];
  }
  const said = words.findIndex((word) => word.startsWith("-"));
  const isGroup = wordsOf(program, words.slice(0, 2).join(" ")).size > 0;
  const end = Math.min(isGroup ? 3 : 2, said === -1 ? words.length : said);
  return [words.slice(0, end).join(" "), words.slice(end)];
}

const asksForHelp = (words: readonly string[]): boolean => {
  const end = words.indexOf("--");
  const flags = end === -1 ? words : words.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
};

/** No command, but perhaps the way to one: the usage of the program or of one group of it. */
async function group<Context>(
  program: Program<Context>,
  said: string,
  rest: readonly string[],
  screen: Screen,
): Promise<number> {
  const known =
    said === "" || said === "help" || listed(program).some((name) => name.startsWith(`${said} `));
  if (!known) throw unknown(program, said);
  const noun = said === "help" ? "" : said;
  const text = await usageOfGroup(program, noun);
  const shown = screen.colour ? text : util.stripVTControlCharacters(text);
  const wanted = said === "help" || asksForHelp(rest);
  if (wanted) screen.out(shown);
  else screen.err(shown);
  return wanted ? 0 : 2;
}

function unknown<Context>(program: Program<Context>, said: string): VigoError {
  const [noun = ""] = said.split(" ");
  const names = [...Object.keys(program.elsewhere ?? {}), ...listed(program)];
  const sameNoun = names.filter((name) => name.startsWith(`${noun} `));
  const message =
    sameNoun.length > 0
      ? unknownWord("command", said, sameNoun)
      : unknownWord("command", noun, [...new Set(names.map((name) => name.split(" ")[0] ?? name))]);
  const place = sameNoun.length > 0 ? `${program.name} ${noun}` : program.name;
  return new VigoError("invalid", message, { hint: `${place} --help shows what there is` });
}

const listed = <Context>({ commands }: Program<Context>): readonly string[] =>
  Object.entries(commands).flatMap(([name, { hidden }]) => (hidden === true ? [] : [name]));

/** The words of one level, each once, with its sentence: of the whole program without a noun, else of that noun. */
function wordsOf<Context>(program: Program<Context>, noun: string): ReadonlyMap<string, string> {
  const { commands, groups = {}, elsewhere = {} } = program;
  const words = new Map(noun === "" ? Object.entries(elsewhere) : []);
  const before = noun === "" ? "" : `${noun} `;
  for (const name of listed(program)) {
    if (!name.startsWith(before)) continue;
    const [word = name] = name.slice(before.length).split(" ");
    const full = before + word;
    words.set(word, (full === name ? commands[name]?.summary : groups[full]) ?? "");
  }
  return words;
}

function usageOfGroup<Context>(program: Program<Context>, noun: string): Promise<string> {
  const { name, summary, groups = {} } = program;
  const meta =
    noun === ""
      ? { name, description: summary }
      : { name: `${name} ${noun}`, description: groups[noun] ?? summary };
  const subCommands: Record<string, Definition> = {};
  for (const [word, description] of wordsOf(program, noun))
    subCommands[word] = { meta: { name: word, description } };
  return program.usage({ meta, subCommands });
}
