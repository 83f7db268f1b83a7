/** `vigo cli envoys maintenance ID --for 2h` */
import { endMaintenance, maintainEnvoy } from "../../../../core/api/envoys.ts";
import { misused } from "../../../../core/command/args.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    id: { type: "positional", description: "Identity or hostname of the envoy." },
    for: { type: "string", description: "How long, from now.", valueHint: "2h" },
    until: {
      type: "string",
      description: "Until when, with a zone.",
      valueHint: "2030-01-31T18:00:00Z",
    },
    off: { type: "boolean", description: "It is over." },
  },
  examples: [
    "vigo cli envoys maintenance db-1 --for 2h",
    "vigo cli envoys maintenance db-1 --until 2030-01-31T18:00:00Z",
    "vigo cli envoys maintenance db-1 --off",
  ],
  run: ({ id, for: span, until, off }, { call }) => {
    if ([span !== undefined, until !== undefined, off].filter(Boolean).length !== 1)
      throw misused("one of --for, --until and --off");
    const params = { id };
    if (off) return call(endMaintenance, { params });
    const body = {
      ...(span === undefined ? {} : { for: span }),
      ...(until === undefined ? {} : { until }),
    };
    return call(maintainEnvoy, { params, body });
  },
  print: ({ hostname, maintenance_until: until }) =>
    until === undefined
      ? `${visible(hostname)} is enforced again from its next check-in on.`
      : `${visible(hostname)} runs nothing and raises no alert until ${until}; it hears of it at its next check-in.`,
});
