/** `vigo cli traits livequery WHO PATH…` */
import { command } from "../../command.ts";
import { askFleet, queryFlags } from "../../query.ts";

export default command({
  args: {
    who: {
      type: "positional",
      description:
        "Hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where: CONDITION`, in quotes.",
    },
    path: {
      type: "positional",
      description: "A section, or a way into it: memory, filesystem.root_used_pct.",
      many: true,
    },
    ...queryFlags,
  },
  examples: [
    "vigo cli traits livequery web-1 filesystem.root_used_pct",
    "vigo cli traits livequery '@webserver' loadavg.one services.failed",
  ],
  run: ({ who, path, ...rest }, cli) =>
    askFleet(cli, { query: path.join(", "), targets: [who] }, rest),
  exit: (code) => code,
});
