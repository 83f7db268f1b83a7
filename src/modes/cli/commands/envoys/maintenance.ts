/** `vigo cli envoys maintenance WHO… --for 2h` */
import { maintainEnvoys } from "../../../../core/api/maintenance.ts";
import { misused } from "../../../../core/command/args.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    who: {
      type: "positional",
      description:
        "Hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where: CONDITION` in quotes; may be several.",
      many: true,
    },
    for: { type: "string", description: "How long, from now; 90d at most.", valueHint: "2h" },
    until: {
      type: "string",
      description: "Until when, with a zone.",
      valueHint: "2030-01-31T18:00:00Z",
    },
    off: { type: "boolean", description: "It is over." },
  },
  examples: [
    "vigo cli envoys maintenance db-1 --for 2h",
    "vigo cli envoys maintenance tag:rack-7 --until 2030-01-31T18:00:00Z",
    "vigo cli envoys maintenance db-1 --off",
  ],
  run: ({ who, for: span, until, off }, { call }) => {
    if ([span !== undefined, until !== undefined, off].filter(Boolean).length !== 1)
      throw misused("one of --for, --until and --off");
    const body = {
      targets: [...who],
      off,
      ...(span === undefined ? {} : { for: span }),
      ...(until === undefined ? {} : { until }),
    };
    return call(maintainEnvoys, { params: {}, body });
  },
  print: ({ envoys }) => envoys.map(told).join("\n"),
});

const told = ({ hostname, maintenance_until: until }: Told): string =>
  until === undefined
    ? `${visible(hostname)} is enforced again from its next check-in on.`
    : `${visible(hostname)} runs nothing and raises no alert until ${until}; it hears of it at its next check-in.`;

interface Told {
  readonly hostname: string;
  readonly maintenance_until?: string;
}
