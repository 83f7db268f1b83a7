/** `vigo agent snapshots list`. */
import { command } from "../../command.ts";

export default command({
  args: {
    path: { type: "positional", required: false, description: "Of this file only." },
  },
  examples: ["vigo agent snapshots list /etc/ssh/sshd_config"],
  async run({ path }, { home }) {
    const { formerFiles } = await import("../../former-files.ts");
    return formerFiles(home, path);
  },
  print: (kept) =>
    kept.length === 0
      ? "nothing is kept: no managed file was overwritten yet"
      : kept.map(({ path, name, bytes }) => `${path}  ${name}  ${bytes} bytes`).join("\n"),
});
