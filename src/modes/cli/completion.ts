/** Completion scripts made from what commands say about themselves. Must not know what the commands do. */

import { wordsOfModes } from "./other-modes.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** A command as completion sees it. */
export interface Offered {
  /** One word to three. */
  readonly name: string;
  /** With their dashes. */
  readonly flags: readonly string[];
  /** What may come next, where that is a closed list. */
  readonly words: readonly string[];
}

/** The shells are told of two words; where there is a third, it is what may come next. */
function folded(commands: readonly Offered[]): readonly Offered[] {
  const groups = new Map<string, Offered>();
  for (const command of commands) {
    const [first = "", second, third] = command.name.split(" ");
    const name = second === undefined ? first : `${first} ${second}`;
    const { flags, words } = groups.get(name) ?? { flags: [], words: [] };
    groups.set(name, {
      name,
      flags: [...new Set([...flags, ...command.flags])],
      words: third === undefined ? command.words : [...words, third],
    });
  }
  return [...groups.values()];
}

/** By first word, the second words; a command of one word has none. */
type Tree = ReadonlyMap<string, readonly string[]>;

function treeOf(commands: readonly Offered[]): Tree {
  const tree = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first = name, second] = name.split(" ");
    const seconds = tree.get(first) ?? [];
    tree.set(first, second === undefined ? seconds : [...seconds, second]);
  }
  return tree;
}

/** Completes both `vigo cli …` and `vigocli …`. `flags` are those of every command. */
export function completionFor(
  shell: Shell,
  offered: readonly Offered[],
  flags: readonly string[],
): string {
  const commands = folded(offered);
  if (shell === "fish") return fish(commands, flags);
  // zsh understands bash's functions once bashcompinit is loaded.
  const head = shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit"] : [];
  return [...head, bash(commands, flags)].join("\n");
}

const modes = "server agent cli status run traits version help";

/** Names come from our own tables: letters, digits, dashes, dots; nothing a shell would read otherwise. */
const bash = (commands: readonly Offered[], flags: readonly string[]): string => {
  const tree = treeOf(commands);
  const seconds = [...tree].filter(([, words]) => words.length > 0);
  const wordy = commands.filter(({ words }) => words.length > 0);
  return `_vigo() {
  local word=\${COMP_WORDS[COMP_CWORD]} at=1 choices named said
  if [ "\${COMP_WORDS[0]##*/}" = vigo ]; then
    [ "$COMP_CWORD" = 1 ] && { COMPREPLY=($(compgen -W "${modes}" -- "$word")); return; }
    if [ "\${COMP_WORDS[1]}" != cli ]; then
      said=\${COMP_WORDS[1]}
      [ "$COMP_CWORD" = 3 ] && said="$said \${COMP_WORDS[2]}"
      [ "$COMP_CWORD" -gt 3 ] && said=
      case $said in
${[...wordsOfModes()].map(([begun, words]) => `        "${begun}") choices="${words.join(" ")}" ;;`).join("\n")}
      esac
      COMPREPLY=($(compgen -W "$choices" -- "$word"))
      return
    fi
    at=2
  fi
  said=\${COMP_WORDS[$at]}
  case $said in
    ${seconds.map(([first]) => first).join("|")}) named=$((at + 2)) said="$said \${COMP_WORDS[$((at + 1))]}" ;;
    *) named=$((at + 1)) ;;
  esac
  if [ "\${word#-}" != "$word" ]; then
    choices="${flags.join(" ")}"
    case $said in
${commands
  .filter((command) => command.flags.length > 0)
  .map(({ name, flags: own }) => `      "${name}") choices="$choices ${own.join(" ")}" ;;`)
  .join("\n")}
    esac
  elif [ "$COMP_CWORD" = "$at" ]; then choices="${[...tree.keys()].join(" ")}"
  elif [ "$COMP_CWORD" = "$named" ]; then
    case $said in
${wordy.map(({ name, words }) => `      "${name}") choices="${words.join(" ")}" ;;`).join("\n")}
    esac
  elif [ "$COMP_CWORD" = "$((at + 1))" ]; then
    case \${COMP_WORDS[$at]} in
${seconds.map(([first, words]) => `      ${first}) choices="${words.join(" ")}" ;;`).join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$choices" -- "$word"))
  [ "\${#COMPREPLY[@]}" = 0 ] && [ "$COMP_CWORD" -gt "$at" ] && _vigo_names "$2"
}
# What the server knows; read line by line, so that nothing in a name is expanded.
_vigo_names() {
  # The shell replaces only what it holds for a word: behind the colon of tag:x, say.
  local line=\${COMP_LINE:0:$COMP_POINT} cut name
  cut=\${line##*[[:space:]]} cut=\${cut%"$1"}
  while IFS= read -r name; do
    [ -n "$name" ] && COMPREPLY+=("\${name#"$cut"}")
  done < <("\${COMP_WORDS[0]}" $([ "\${COMP_WORDS[0]##*/}" = vigo ] && echo cli) complete "$line" 2>/dev/null </dev/null)
}
complete -o default -F _vigo vigo vigocli`;
};

function fish(commands: readonly Offered[], flags: readonly string[]): string {
  const tree = treeOf(commands);
  const lines = [
    "# The words before the cursor, without the program, `cli` and flags.",
    "function __vigo_words",
    "  set -l words (commandline -opc)[2..]",
    `  test "$words[1]" = cli; and set -e words[1]`,
    "  string match -v -- '-*' $words",
    "end",
    "function __vigo_after",
    "  set -l words (__vigo_words)",
    '  test "$words" = "$argv"',
    "end",
    "function __vigo_in",
    "  set -l words (__vigo_words)",
    '  string match -q -- "$argv*" "$words"',
    "end",
    "function __vigo_deep",
    "  set -l words (__vigo_words)",
    '  test (count $words) -ge 2; or test "$words" = explain',
    "end",
    `complete -c vigo -f -n __fish_use_subcommand -a '${modes}'`,
  ];
  const isOurs = { vigo: "__fish_seen_subcommand_from cli; and ", vigocli: "" } as const;
  for (const [begun, words] of wordsOfModes())
    lines.push(`complete -c vigo -f -n '__vigo_after ${begun}' -a '${words.join(" ")}'`);
  const offer = (condition: string, words: readonly string[]) => {
    for (const [program, cli] of Object.entries(isOurs))
      lines.push(`complete -c ${program} -f -n '${cli}${condition}' -a '${words.join(" ")}'`);
  };
  offer('__vigo_after ""', [...tree.keys()]);
  for (const [first, seconds] of tree)
    if (seconds.length > 0) offer(`__vigo_after ${first}`, seconds);
  for (const { name, words } of commands)
    if (words.length > 0) offer(`__vigo_after ${name}`, words);
  const offerFlag = (condition: string, flag: string) => {
    for (const [program, cli] of Object.entries(isOurs)) {
      const when = `${cli}${condition}`.replace(/; and $/, "");
      const shown = when === "" ? "" : ` -n '${when}'`;
      lines.push(`complete -c ${program}${shown} -l ${flag.replace(/^--/, "")}`);
    }
  };
  // What the server knows, from the third word on.
  for (const [program, cli] of Object.entries(isOurs))
    lines.push(
      `complete -c ${program} -f -n '${cli}__vigo_deep' -a '(${program}${program === "vigo" ? " cli" : ""} complete (commandline -cp | string collect) 2>/dev/null </dev/null)'`,
    );
  for (const flag of flags) offerFlag("", flag);
  for (const { name, flags: own } of commands)
    for (const flag of own) offerFlag(`__vigo_in ${name}`, flag);
  return lines.join("\n");
}
