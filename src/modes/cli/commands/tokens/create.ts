/** `vigo cli tokens create` */
import { createToken } from "../../../../core/api/tokens.ts";
import { serverName } from "../../../../core/wire/service.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";

export default command({
  args: {
    uses: {
      type: "string",
      description: "How many machines it enrols; 0: no limit.",
      default: "1",
      valueHint: "N",
    },
    expires: {
      type: "string",
      description: "How long it holds, a year at most.",
      default: "24h",
      valueHint: "TIME",
    },
    match: {
      type: "string",
      description: "Hostnames it may enrol; any without it.",
      valueHint: "web-*",
    },
    ephemeral: {
      type: "string",
      description:
        "Forget a machine that enrolled with it after so long a silence; never without it.",
      valueHint: "TIME",
    },
    label: { type: "string", description: "What it is for.", default: "" },
  },
  examples: ["vigo cli tokens create --uses 10 --expires 24h --match 'web-*'"],
  run: async ({ uses, expires, match, label, ephemeral }, { call }) => {
    const limits = {
      ...(match !== undefined && { match }),
      ...(ephemeral !== undefined && { ephemeral }),
    };
    return call(createToken, { params: {}, body: { uses, expires, label, ...limits } });
  },
  print: (made) => {
    const host = `${made.server_names.find((name) => name !== serverName) ?? "SERVER"}:${made.api_port}`;
    const uses =
      made.uses_left === undefined
        ? "any number of machines"
        : made.uses_left === 1
          ? "one machine"
          : `${made.uses_left} machines`;
    return [
      made.token,
      "",
      `Shown this once. Enrols ${uses}${made.match === undefined ? "" : ` named ${made.match}`}, ends ${relative(made.expires_at, new Date())}. On a machine without Vigo, as root:`,
      "",
      `  curl -fsSk --pinnedpubkey 'sha256//${made.public_key_pin}' https://${host}/bootstrap | VIGO_TOKEN=${made.token} sh`,
      "",
      "On one that has it:",
      "",
      `  vigo agent bootstrap --server ${host} --token ${made.token}`,
    ].join("\n");
  },
});
