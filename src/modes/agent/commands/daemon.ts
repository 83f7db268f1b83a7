/** `vigo agent daemon`. */
import { command } from "../command.ts";
import { calling, serverFlag } from "../settings.ts";

export default command({
  args: serverFlag,
  examples: ["vigo agent daemon --log-format json"],
  async run({ server }, context) {
    const { daemon } = await import("../daemon.ts");
    const stop = new AbortController();
    const end = () => stop.abort();
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
    const isClean = await daemon(calling(context, server), stop.signal);
    // What is left to itself would keep this process, too.
    if (!isClean) process.exit(0);
  },
});
