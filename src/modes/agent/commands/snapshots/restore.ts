/** `vigo agent snapshots restore`. */
import { command } from "../../command.ts";

export default command({
  args: {
    path: { type: "positional", description: "The file, as the machine knows it." },
    at: {
      type: "string",
      description: "The one whose name begins like this; the newest when left out.",
      valueHint: "NAME",
    },
  },
  examples: ["vigo agent snapshots restore /etc/ssh/sshd_config"],
  async run({ path, at }, { home }) {
    const [{ putBack }, { thisMachine }] = await Promise.all([
      import("../../former-files.ts"),
      import("../../enforcement.ts"),
    ]);
    return putBack(thisMachine(home), home, path, at);
  },
  print: ({ path, taken }) =>
    `${path} is as it was until ${taken}; while policy says otherwise the next run changes it again: vigo agent pause`,
});
