/** `vigo cli auth whoami` */
import { me } from "../../../../core/api/auth.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { facts } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {},
  examples: ["vigo cli auth whoami"],
  run: (_, { call }) => call(me, { params: {} }),
  print: ({ name, role, via, permissions, expires_at }) =>
    facts([
      ["name", visible(name)],
      ["role", role],
      ["by", via],
      ["ends", expires_at && relative(expires_at, new Date())],
      ["may", permissions.join(", ")],
    ]),
});
