/** `vigo cli envoys push WHO…` */
import type { Answer } from "../../../../core/api/endpoint.ts";
import { pushEnvoys } from "../../../../core/api/push.ts";
import { jsonFlag } from "../../../../core/command/command.ts";
import type { Screen } from "../../../../core/command/screen.ts";
import { inertJson } from "../../../../core/inert.ts";
import { command } from "../../command.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";
import { watchPush } from "../../push-watch.ts";

export default command({
  args: {
    who: {
      type: "positional",
      description:
        "Hostname, UUID, pattern, @role, @environment, tag:NAME, note:TEXT, or `where: CONDITION` in quotes; may be several.",
      many: true,
    },
    follow: {
      type: "boolean",
      description: "Stay until each has run, and tell how.",
      default: true,
    },
    wait: {
      type: "string",
      description: "For those who do not run; 1h at most.",
      default: "10m",
      valueHint: "TIME",
    },
    json: { ...jsonFlag.json, description: "Print it as JSON; what happens as one event a line." },
  },
  examples: [
    "vigo cli envoys push web-1",
    "vigo cli envoys push @webserver --wait 2m",
    "vigo cli envoys push tag:rack-7 --no-follow",
  ],
  run: async ({ who, follow, wait, json }, cli) => {
    const targets = [...who];
    if (follow) return watchPush(cli, { targets, wait }, json);
    const pushed = await cli.call(pushEnvoys, { params: {}, body: { targets } });
    cli.screen.out(
      json ? inertJson(JSON.stringify(pushed, undefined, 2)) : told(pushed, cli.screen),
    );
    return 0;
  },
  exit: (code) => code,
});

const told = ({ envoys }: Answer<typeof pushEnvoys>, screen: Screen): string =>
  table(
    screen,
    ["HOSTNAME", "CHECKS IN", "RUNS"],
    envoys.map(({ hostname, told, maintenance_until: until }) => [
      visible(hostname),
      told ? "now" : "at its time, then again over a stream",
      until === undefined ? "yes" : `not before ${until}: maintenance`,
    ]),
    "",
  );
