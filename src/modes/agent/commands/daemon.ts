/** `vigo agent daemon`. */
import { command } from "../command.ts";

export default command({
  args: {},
  examples: ["vigo agent daemon --log-format json"],
  async run(_, context) {
    const { daemon } = await import("../daemon.ts");
    const stop = new AbortController();
    const end = () => stop.abort();
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
    const isClean = await daemon(context, stop.signal);
    // What is left to itself would keep this process, too.
    if (!isClean) process.exit(0);
  },
});
