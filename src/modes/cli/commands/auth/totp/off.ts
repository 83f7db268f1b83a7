/** `vigo cli auth totp off` */
import { endTotp } from "../../../../../core/api/account.ts";
import { misused } from "../../../../../core/command/args.ts";
import { knownUser } from "../../../before-asking.ts";
import { command } from "../../../command.ts";
import { password, shownCode } from "../../../password.ts";

export default command({
  args: {
    code: {
      type: "string",
      description: "Of the authenticator, or a recovery code; asked for when missing.",
      valueHint: "CODE",
    },
  },
  examples: ["vigo cli auth totp off"],
  run: async (given, context) => {
    await knownUser(context);
    const proof = await password("Password: ", context);
    const code = given.code ?? (await shownCode(context));
    if (code === undefined) throw misused("--code is missing");
    return context.call(endTotp, { params: {}, body: { password: proof, code } });
  },
  print: () => "Logging in takes no code any more.",
});
