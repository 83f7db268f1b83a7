/** `vigo agent resume`. */
import { command } from "../command.ts";

export default command({
  args: {},
  examples: ["vigo agent resume"],
  async run(_, { home }) {
    const { endPause } = await import("../pause.ts");
    await endPause(home);
    return { paused: false };
  },
  print: () => "enforced again from the next interval on; at once: vigo agent run",
});
