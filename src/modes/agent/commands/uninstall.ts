/** `vigo agent uninstall`. */
import { command } from "../command.ts";

export default command({
  args: {
    purge: {
      type: "boolean",
      description: "Remove the home, too: identity, state, former contents of files.",
    },
  },
  examples: ["vigo agent uninstall", "vigo agent uninstall --purge"],
  async run({ purge }, { home }) {
    const [{ uninstall }, { serviceOf }, { thisMachine }] = await Promise.all([
      import("../uninstall.ts"),
      import("../service/service.ts"),
      import("../enforcement.ts"),
    ]);
    const done = await uninstall(serviceOf(thisMachine(home), home), { home, purge });
    return { ...done, folder: home, program: process.execPath };
  },
  print: ({ service, home, folder, program }) =>
    [
      `service: ${service}`,
      `${folder}: ${home}${home === "kept" ? " (--purge removes it)" : ""}`,
      `the program stays: ${program}; on the server: vigo cli envoys revoke`,
    ].join("\n"),
});
