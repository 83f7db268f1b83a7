/** `vigo agent pause`. */
import { misused } from "../../../core/command/args.ts";
import { parseDuration } from "../../../core/duration.ts";
import { command } from "../command.ts";

export default command({
  args: {
    for: {
      type: "string",
      required: true,
      description: "How long nothing is enforced; check-ins go on.",
      valueHint: "DURATION",
    },
    reason: {
      type: "string",
      required: true,
      description: "Why, for whoever looks next.",
      valueHint: "TEXT",
    },
  },
  examples: ['vigo agent pause --for 2h --reason "moving disks"'],
  async run({ for: span, reason }, { home, now }) {
    const ms = parseDuration(span);
    if (ms === undefined || ms <= 0) throw misused(`--for ${span} is no duration like 30m or 2h`);
    const { writePause } = await import("../pause.ts");
    const pause = { until: new Date(now().getTime() + ms).toISOString(), reason };
    await writePause(home, pause);
    return pause;
  },
  print: ({ until }) => `nothing is enforced until ${until}, or: vigo agent resume`,
});
