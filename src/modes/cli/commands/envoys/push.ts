/** `vigo cli envoys push WHO…` */
import { pushEnvoys } from "../../../../core/api/push.ts";
import { command } from "../../command.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    who: {
      type: "positional",
      description:
        "Hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where: CONDITION` in quotes; may be several.",
      many: true,
    },
  },
  examples: ["vigo cli envoys push web-1", "vigo cli envoys push @webserver"],
  run: ({ who }, { call }) => call(pushEnvoys, { params: {}, body: { targets: [...who] } }),
  print: ({ envoys }, screen) =>
    table(
      screen,
      ["HOSTNAME", "CHECKS IN", "RUNS"],
      envoys.map(({ hostname, told, maintenance_until: until }) => [
        visible(hostname),
        told ? "now" : "at its time, then again over a stream",
        until === undefined ? "yes" : `not before ${until}: maintenance`,
      ]),
      "",
    ),
});
