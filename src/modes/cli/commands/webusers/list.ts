/** `vigo cli webusers list` */
import { listUsers, type User } from "../../../../core/api/users.ts";
import { command } from "../../command.ts";
import { type Columns, listFlags, momentOf, printList } from "../../listing.ts";
import { everyPage } from "../../pages.ts";

export default command({
  args: listFlags,
  examples: ["vigo cli webusers list"],
  run: async (_, { call }) => {
    const users = await everyPage(async (cursor) => {
      const query = { limit: 1000, ...(cursor === undefined ? {} : { cursor }) };
      const page = await call(listUsers, { params: {}, query });
      return { rows: page.users, cursor: page.cursor };
    });
    return { users };
  },
  print: ({ users }, screen, args) =>
    printList(screen, { columns, rows: users, empty: "No users." }, args, new Date()),
});

const columns: Columns<User> = {
  name: { value: ({ name }) => name },
  role: { value: ({ role }) => role },
  from: { value: ({ origin }) => origin },
  code: { value: ({ totp }) => (totp ? "yes" : "no") },
  state: { value: ({ disabled_at: at }) => (at === undefined ? "active" : "disabled") },
  made: momentOf(({ created_at }) => created_at),
};
