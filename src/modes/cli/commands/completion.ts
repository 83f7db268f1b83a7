/** `vigo cli completion SHELL` */
import { unknownWord } from "../../../core/did-you-mean.ts";
import { misused } from "../../../core/command/args.ts";
import { command } from "../command.ts";
import { completionFor, shells } from "../completion.ts";
import { connectionFlags } from "../flags.ts";

export default command({
  args: { shell: { type: "positional", description: `One of ${shells.join(", ")}.` } },
  examples: ["vigo cli completion bash > /etc/bash_completion.d/vigo"],
  run: async ({ shell }, { names }) => {
    const known = shells.find((each) => each === shell);
    if (known === undefined) throw misused(unknownWord("shell", shell, shells));
    const flags = [...Object.keys(connectionFlags), "json", "help"].map((name) => `--${name}`);
    return { shell: known, script: completionFor(known, names, flags) };
  },
  print: ({ script }) => script,
});
