/** `vigo agent run`. */
import { command } from "../command.ts";
import { printRun, runExit } from "../print-run.ts";
import { runFlags } from "../run-flags.ts";
import { calling, serverFlag } from "../settings.ts";
import { untilTold } from "../until-told.ts";

export default command({
  args: {
    once: { type: "boolean", description: "One pass, which is what it does anyway." },
    offline: {
      type: "boolean",
      description: "Neither check in nor report: enforce what is here already.",
    },
    ...serverFlag,
    ...runFlags,
  },
  examples: ["vigo agent run", "vigo agent run --dry-run", "vigo agent run --only nginx --json"],
  async run({ server, offline, only, skip, "dry-run": dryRun }, context) {
    const { runOnce } = await import("../run.ts");
    return untilTold((told) =>
      runOnce(calling(context, server), {
        offline,
        dryRun,
        ...told,
        ...(only.length + skip.length > 0 && { filter: { only, skip } }),
      }),
    );
  },
  print: printRun,
  exit: (report, args) => runExit(report, args["detailed-exitcode"]),
});
