/** `vigo agent version`. */
import { printVersion, version } from "../../../core/version.ts";
import { command } from "../command.ts";

export default command({
  args: {},
  examples: ["vigo agent version"],
  run: async () => version,
  print: printVersion,
});
