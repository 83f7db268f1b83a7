/** `vigo agent status`. */
import { command } from "../command.ts";
import { printStatus } from "../print-status.ts";

export default command({
  args: {},
  examples: ["vigo status", "vigo status --json"],
  async run(_, context) {
    const { agentStatus } = await import("../status.ts");
    return agentStatus(context);
  },
  print: printStatus,
});
