/** `vigo cli auth password` */
import { changePassword } from "../../../../core/api/account.ts";
import { knownUser } from "../../before-asking.ts";
import { coded } from "../../coded.ts";
import { command } from "../../command.ts";
import { newPassword, password, shownCode } from "../../password.ts";

export default command({
  args: {
    code: {
      type: "string",
      description: "Of the authenticator, or a recovery code; asked for when it is needed.",
      valueHint: "CODE",
    },
  },
  examples: ["vigo cli auth password"],
  run: async ({ code }, context) => {
    await knownUser(context);
    const current = await password("Password until now: ", context);
    const chosen = await newPassword("New password: ", context);
    return coded(
      code,
      () => shownCode(context),
      (given) =>
        context.call(changePassword, { params: {}, body: { current, password: chosen, ...given } }),
    );
  },
  print: () => "Changed. Other sessions and logins have ended; tokens for programs hold.",
});
