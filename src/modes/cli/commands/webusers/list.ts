/** `vigo cli webusers list` */
import { listUsers, type User } from "../../../../core/api/users.ts";
import { command } from "../../command.ts";
import { everyPage } from "../../pages.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {},
  run: async (_, { call }) => {
    const users = await everyPage(async (cursor) => {
      const query = { limit: 1000, ...(cursor === undefined ? {} : { cursor }) };
      const page = await call(listUsers, { params: {}, query });
      return { rows: page.users, cursor: page.cursor };
    });
    return { users };
  },
  print: ({ users }, screen) => {
    const now = new Date();
    return table(
      screen,
      ["NAME", "ROLE", "FROM", "CODE", "STATE", "MADE"],
      users.map((user) => [
        visible(user.name),
        visible(user.role),
        user.origin,
        user.totp ? "yes" : "no",
        state(user),
        relative(user.created_at, now),
      ]),
      "No users.",
    );
  },
});

const state = ({ disabled_at }: User): string =>
  disabled_at === undefined ? "active" : "disabled";
