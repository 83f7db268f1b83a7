/** `vigo agent snapshots diff`. */
import { command } from "../../command.ts";
import { which } from "./which.ts";

export default command({
  args: which,
  examples: ["vigo agent snapshots diff /etc/ssh/sshd_config"],
  async run({ path, at }, { home }) {
    const [{ sinceThen }, { thisMachine }] = await Promise.all([
      import("../../former-files.ts"),
      import("../../enforcement.ts"),
    ]);
    const { then, diff } = await sinceThen(thisMachine(home), home, path, at);
    return { ...then, diff };
  },
  print: ({ diff, taken }) =>
    diff === undefined
      ? "a diff says nothing of it: it is no text, or too long"
      : diff || `nothing has changed since ${taken}`,
});
