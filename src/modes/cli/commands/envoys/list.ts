/** `vigo cli envoys list` */
import { type Envoy, listEnvoys } from "../../../../core/api/envoys.ts";
import { statuses } from "../../../../core/status.ts";
import { command } from "../../command.ts";
import { everyPage } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { stood, visible } from "../../print/text.ts";

export default command({
  args: {
    status: { type: "enum", description: "Only those that stand so.", options: statuses },
    hostname: {
      type: "string",
      description: "Only those whose name matches.",
      valueHint: "web-*",
    },
    revoked: { type: "boolean", description: "Revoked ones too." },
  },
  examples: [
    "vigo cli envoys list --status failed",
    "vigo cli envoys list --hostname 'web-*' --json",
  ],
  run: async ({ status, hostname, revoked }, { call }) => ({
    envoys: await everyPage<Envoy>(async (cursor) => {
      const query = {
        limit: 1000,
        revoked,
        ...(status === undefined ? {} : { status }),
        ...(hostname === undefined ? {} : { hostname }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      const page = await call(listEnvoys, { params: {}, query });
      return { rows: page.envoys, cursor: page.cursor };
    }),
  }),
  print: ({ envoys }, screen) => {
    const now = new Date();
    return table(
      screen,
      ["HOSTNAME", "STATUS", "SEEN", "POLICY", "PENDING", "PLATFORM", "AGENT", "ID"],
      envoys.map((envoy) => [
        visible(envoy.hostname),
        envoy.revoked_at === undefined ? stood(screen, envoy.status) : "revoked",
        relative(envoy.last_seen_at, now),
        envoy.policy_version === 0 ? "none" : String(envoy.policy_version),
        String(envoy.pending),
        `${envoy.platform}/${envoy.arch}`,
        visible(envoy.agent_version ?? "unknown"),
        envoy.id,
      ]),
      "No envoys. Make a token by `vigo cli tokens create`, then enrol a machine with it.",
    );
  },
});
