/** `vigo cli runs show ENVOY NUMBER` */
import { showRun } from "../../../../core/api/runs.ts";
import { misused } from "../../../../core/command/args.ts";
import { command } from "../../command.ts";
import { printRun } from "../../print/run.ts";

export default command({
  args: {
    envoy: { type: "positional", description: "Identity or hostname of the envoy." },
    number: { type: "positional", description: "Number of the run, as `runs list` shows it." },
    all: { type: "boolean", description: "Resources that were ok or skipped too." },
  },
  examples: ["vigo cli runs show web-1 17"],
  run: async ({ envoy, number }, { call }) => {
    if (!/^\d{1,15}$/.test(number)) throw misused(`NUMBER must be a number, not "${number}"`);
    return call(showRun, { params: { id: envoy, number } });
  },
  print: (run, screen, { all }) => printRun(screen, run, { all, now: new Date() }),
});
