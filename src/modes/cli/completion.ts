/** Completion scripts made from the names of commands. Must not know what the commands do. */

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** By first word, the second words; a command of one word has none. */
type Tree = ReadonlyMap<string, readonly string[]>;

function treeOf(names: readonly string[]): Tree {
  const tree = new Map<string, string[]>();
  for (const name of names) {
    const [first = name, second] = name.split(" ");
    const seconds = tree.get(first) ?? [];
    tree.set(first, second === undefined ? seconds : [...seconds, second]);
  }
  return tree;
}

/** Completes both `vigo cli …` and `vigocli …`. */
export function completionFor(
  shell: Shell,
  names: readonly string[],
  flags: readonly string[],
): string {
  const tree = treeOf(names);
  if (shell === "fish") return fish(tree, flags);
  // zsh understands bash's functions once bashcompinit is loaded.
  const head = shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit"] : [];
  return [...head, bash(tree, flags)].join("\n");
}

const modes = "server agent cli status run traits version help";

const bash = (tree: Tree, flags: readonly string[]): string => `_vigo() {
  local word=\${COMP_WORDS[COMP_CWORD]} at=1 choices
  if [ "\${COMP_WORDS[0]##*/}" = vigo ]; then
    [ "$COMP_CWORD" = 1 ] && { COMPREPLY=($(compgen -W "${modes}" -- "$word")); return; }
    [ "\${COMP_WORDS[1]}" = cli ] || return
    at=2
  fi
  if [ "\${word#-}" != "$word" ]; then choices="${flags.join(" ")}"
  elif [ "$COMP_CWORD" = "$at" ]; then choices="${[...tree.keys()].join(" ")}"
  elif [ "$COMP_CWORD" = "$((at + 1))" ]; then
    case \${COMP_WORDS[at]} in
${[...tree].flatMap(([first, seconds]) => (seconds.length === 0 ? [] : [`    ${first}) choices="${seconds.join(" ")}" ;;`])).join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$choices" -- "$word"))
}
complete -o default -F _vigo vigo vigocli`;

function fish(tree: Tree, flags: readonly string[]): string {
  const words = (some: readonly string[]) => `'${some.join(" ")}'`;
  const lines = [
    `complete -c vigo -f -n __fish_use_subcommand -a ${words(modes.split(" "))}`,
    `complete -c vigo -f -n '__fish_seen_subcommand_from cli; and not __fish_seen_subcommand_from ${[...tree.keys()].join(" ")}' -a ${words([...tree.keys()])}`,
    `complete -c vigocli -f -n __fish_use_subcommand -a ${words([...tree.keys()])}`,
  ];
  for (const [first, seconds] of tree)
    if (seconds.length > 0)
      for (const program of ["vigo", "vigocli"])
        lines.push(
          `complete -c ${program} -f -n '__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${seconds.join(" ")}' -a ${words(seconds)}`,
        );
  for (const flag of flags)
    for (const program of ["vigo", "vigocli"])
      lines.push(`complete -c ${program} -l ${flag.replace(/^--/, "")}`);
  return lines.join("\n");
}
