/** `vigo cli webusers create NAME` */
import { roles } from "../../../../core/api/roles.ts";
import { createUser } from "../../../../core/api/users.ts";
import { known } from "../../before-asking.ts";
import { command } from "../../command.ts";
import { newPassword } from "../../password.ts";

export default command({
  args: {
    name: { type: "positional", description: "What it logs in with." },
    role: { type: "enum", description: "What it may do.", options: roles, default: "viewer" },
    ask: { type: "boolean", description: "Ask for a password instead of making one." },
  },
  examples: ["vigo cli webusers create ada --role operator"],
  run: async ({ name, role, ask }, context) => {
    if (ask) await known(context);
    const chosen = ask ? { password: await newPassword(`Password of ${name}: `, context) } : {};
    return context.call(createUser, { params: {}, body: { name, role, ...chosen } });
  },
  print: ({ name, role, password }) =>
    password === undefined
      ? `${name} may log in as ${role}.`
      : `${password}\n\nThe password of ${name} (${role}), shown this once. \`vigo cli auth password\` changes it.`,
});
