/** `vigo cli webusers role NAME ROLE` */
import { roles } from "../../../../core/api/roles.ts";
import { setUserRole } from "../../../../core/api/users.ts";
import { misused } from "../../../../core/command/args.ts";
import { unknownWord } from "../../../../core/did-you-mean.ts";
import { command } from "../../command.ts";

export default command({
  args: {
    name: { type: "positional", description: "Whose." },
    role: { type: "positional", description: `One of ${roles.join(", ")}.` },
  },
  examples: ["vigo cli webusers role ada admin"],
  run: async ({ name, role: written }, { call }) => {
    const role = roles.find((known) => known === written);
    if (role === undefined) throw misused(unknownWord("role", written, roles));
    return call(setUserRole, { params: { name }, body: { role } });
  },
  print: ({ name, role }) => `${name} is ${role} now, with the tokens it has.`,
});
