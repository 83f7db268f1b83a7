/** `vigo cli webusers password NAME` */
import { setUserPassword } from "../../../../core/api/users.ts";
import { known } from "../../before-asking.ts";
import { command } from "../../command.ts";
import { newPassword } from "../../password.ts";

export default command({
  args: {
    name: { type: "positional", description: "Whose." },
    ask: { type: "boolean", description: "Ask for a password instead of making one." },
  },
  examples: ["vigo cli webusers password ada"],
  run: async ({ name, ask }, context) => {
    if (ask) await known(context);
    const body = ask ? { password: await newPassword(`Password of ${name}: `, context) } : {};
    return context.call(setUserPassword, { params: { name }, body });
  },
  print: ({ name, password }) => {
    const ended = `Sessions and logins of ${name} have ended; tokens for programs hold.`;
    return password === undefined
      ? ended
      : `${password}\n\nThe new password of ${name}, shown this once. ${ended}`;
  },
});
