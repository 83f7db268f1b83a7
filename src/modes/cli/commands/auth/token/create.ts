/** `vigo cli auth token create` */
import { createApiToken } from "../../../../../core/api/api-tokens.ts";
import { command } from "../../../command.ts";
import { relative } from "../../../print/moment.ts";

export default command({
  args: {
    label: { type: "string", description: "Who will use it.", default: "" },
    expires: {
      type: "string",
      description: "How long it holds, a year at most.",
      default: "90d",
      valueHint: "TIME",
    },
    user: { type: "string", description: "For another user; only admins may.", valueHint: "NAME" },
  },
  examples: ["vigo cli auth token create --user ci --label 'deploys' --expires 30d"],
  run: ({ label, expires, user }, { call }) => {
    const owner = user === undefined ? {} : { user };
    return call(createApiToken, { params: {}, body: { label, expires, ...owner } });
  },
  print: ({ token, user, expires_at }) =>
    [
      token,
      "",
      `Shown this once. It may do what ${user} may, and ends ${relative(expires_at, new Date())}. Programs give it in VIGO_TOKEN or as \`Authorization: Bearer\`.`,
    ].join("\n"),
});
