/** `vigo cli completion SHELL` */
import type { Args } from "../../../core/command/args.ts";
import { misused } from "../../../core/command/args.ts";
import { unknownWord } from "../../../core/did-you-mean.ts";
import { resources } from "../../../core/resources/index.ts";
import { traits } from "../../../core/traits/index.ts";
import { command } from "../command.ts";
import { completionFor, shells } from "../completion.ts";
import { connectionFlags } from "../flags.ts";

export default command({
  args: { shell: { type: "positional", description: `One of ${shells.join(", ")}.` } },
  examples: ["vigo cli completion bash > /etc/bash_completion.d/vigo"],
  run: async ({ shell }, { commands }) => {
    const known = shells.find((each) => each === shell);
    if (known === undefined) throw misused(unknownWord("shell", shell, shells));
    const offered = (await commands()).map(({ name, args }) => ({
      name,
      flags: flagsOf(args),
      words: nextWords[name] ?? [],
    }));
    const shared = [...flagsOf(connectionFlags), "--json", "--help"];
    return { shell: known, script: completionFor(known, offered, shared) };
  },
  print: ({ script }) => script,
});

const flagsOf = (args: Args): readonly string[] =>
  Object.entries(args).flatMap(([name, { type }]) => (type === "positional" ? [] : [`--${name}`]));

/** What comes behind the name of a command, where that is a closed list. */
const nextWords: Readonly<Record<string, readonly string[]>> = {
  explain: [
    ...["types", "traits", "tasks", "workflows"],
    ...[...resources, ...traits].map(({ name }) => name),
  ],
  completion: shells,
  "config examples": ["list", "copy"],
  "config stacks": ["pull"],
};
