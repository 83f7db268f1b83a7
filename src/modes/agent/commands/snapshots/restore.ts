/** `vigo agent snapshots restore`. */
import { command } from "../../command.ts";
import { which } from "./which.ts";

export default command({
  args: which,
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
