/** Command lines of ours as the manual writes them: found in Markdown, and taken apart as a shell would. Must not know our commands. */

export interface Written {
  /** `docs/publish.md:12`. */
  readonly place: string;
  /** Without the `vigo` before them. */
  readonly words: readonly string[];
  /** Stands as one of the lines to type; otherwise inside a sentence, where what is of no concern may be missing. */
  readonly whole: boolean;
}

/** All that a page says to type. */
export function commandsIn(path: string, page: string): readonly Written[] {
  const found: Written[] = [];
  let fence: string | undefined;
  for (const [at, line] of page.split("\n").entries()) {
    const place = `${path}:${at + 1}`;
    const opened = /^\s*```(\w*)/.exec(line)?.[1];
    if (opened !== undefined) fence = fence === undefined ? opened : undefined;
    else if (fence === undefined) found.push(...inSentence(line, place));
    else if (["", "sh", "text", "yaml"].includes(fence)) found.push(...inShell(line, place));
  }
  return found;
}

const inSentence = (line: string, place: string): readonly Written[] =>
  [...line.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].flatMap(([, code = ""]) =>
    commandsOf(code).map((words) => ({ place, words, whole: false })),
  );

const inShell = (line: string, place: string): readonly Written[] =>
  commandsOf(line).map((words) => ({ place, words, whole: true }));

const commandsOf = (line: string): readonly (readonly string[])[] =>
  simpleCommands(line).flatMap((words) => {
    const at = words.findIndex((word) => /^(?:\S*\/)?vigo$/.test(word));
    if (at === -1 || !words.slice(0, at).every((word) => goesBefore.test(word))) return [];
    const rest = words.slice(at + 1).filter(isSaid);
    return [rest[0] === "vigo" ? rest.slice(1) : rest];
  });

/** `publish … --replace` leaves something out, `--head …` does not. */
const isSaid = (word: string, at: number, all: readonly string[]): boolean =>
  word !== "…" || all[at - 1]?.startsWith("--") === true;

/** What may stand before a program: variables, who runs it, when cron does, a unit's key. */
const goesBefore = /^(?:\w+=.*|sudo|-u|vigo|root|exec|[\d*/,-]+|\$|ExecStart=.*)$/;

const operators = /^(?:&&|\|\||[|;&()])/;
const redirection = /^\d?(?:>>?|<)(?:&\d)?/;

/** A line's simple commands, each as its words: quotes are taken off, comments and redirections left out. */
function simpleCommands(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let rest = line.trimStart();
  while (rest !== "" && !rest.startsWith("#")) {
    const operator = operators.exec(rest)?.[0];
    const redirected = redirection.exec(rest)?.[0];
    if (operator !== undefined) commands.push([]);
    const [length, word] = redirected === undefined ? wordAt(rest) : pathAfter(rest, redirected);
    if (operator === undefined && word !== undefined) commands.at(-1)?.push(word);
    rest = rest.slice(operator?.length ?? length).trimStart();
  }
  return commands.filter((words) => words.length > 0);
}

const pathAfter = (rest: string, redirected: string): readonly [number, undefined] => {
  const [, blank = "", path = ""] = /^(\s*)([^\s|;&]*)/.exec(rest.slice(redirected.length)) ?? [];
  return [redirected.length + blank.length + path.length, undefined];
};

/** The word that a text begins with, and its length there. */
function wordAt(rest: string): readonly [number, string] {
  const [written = ""] =
    /^(?:'[^']*'|"(?:[^"\\]|\\.)*"|\$\([^)]*\)|\\.|[^\s'"|;&()<>])+/.exec(rest) ?? [];
  const word = written.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g, "$1$2$3");
  return written === "" ? [1, rest[0] ?? ""] : [written.length, word];
}
