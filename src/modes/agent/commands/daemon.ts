/** `vigo agent daemon`. */
import { command } from "../command.ts";
import { calling, serverFlag, watchFlag } from "../settings.ts";

export default command({
  args: { ...serverFlag, ...watchFlag },
  examples: ["vigo agent daemon --log-format json", "vigo agent daemon --watch"],
  async run({ server, watch }, context) {
    const { daemon } = await import("../daemon.ts");
    const stop = new AbortController();
    const end = () => stop.abort();
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
    const called = calling(context, server);
    const settings = { ...called.settings, watch: watch || called.settings.watch };
    const isClean = await daemon({ ...called, settings }, stop.signal);
    // What is left to itself would keep this process, too.
    if (!isClean) process.exit(0);
  },
});
