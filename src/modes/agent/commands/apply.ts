/** `vigo agent apply`. */
import { command } from "../command.ts";
import { printRun, runExit } from "../print-run.ts";
import { runFlags } from "../run-flags.ts";
import { untilTold } from "../until-told.ts";

export default command({
  args: {
    stacks: {
      type: "positional",
      description: "A stacks tree, or a file with one configcrate.",
    },
    ...runFlags,
    hostname: {
      type: "string",
      description: "The name that hostcrates match; this machine's when left out.",
      valueHint: "NAME",
    },
    secrets: {
      type: "string",
      description: "Folder with the secrets, a file each: web/db is the file web/db in it.",
      valueHint: "DIR",
    },
  },
  examples: [
    "vigo agent apply ~/stacks --dry-run",
    "vigo agent apply nginx.vgo",
    "vigo agent apply ~/stacks --secrets /root/secrets",
    "vigo agent apply ~/stacks --only nginx --json --detailed-exitcode",
  ],
  async run({ stacks, hostname, secrets, only, skip, "dry-run": dryRun }, context) {
    const { apply } = await import("../apply.ts");
    return untilTold((told) =>
      apply(context, {
        ...told,
        source: stacks,
        dryRun,
        filter: { only, skip },
        ...(hostname !== undefined && { hostname }),
        ...(secrets !== undefined && { secrets }),
      }),
    );
  },
  print: printRun,
  exit: (report, args) => runExit(report, args["detailed-exitcode"]),
});
