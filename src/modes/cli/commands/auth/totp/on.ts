/** `vigo cli auth totp on`: the secret, then a code that proves the app has it, then recovery codes. */
import { beginTotp, confirmTotp } from "../../../../../core/api/account.ts";
import { misused } from "../../../../../core/command/args.ts";
import { knownUser } from "../../../before-asking.ts";
import { command } from "../../../command.ts";
import { password, shownCode } from "../../../password.ts";

export default command({
  args: {},
  examples: ["vigo cli auth totp on"],
  run: async (_, context) => {
    const { call, screen } = context;
    if (!screen.watched) throw misused("this needs a terminal");
    await knownUser(context);
    const proof = { password: await password("Password: ", context) };
    const { secret, uri } = await call(beginTotp, { params: {}, body: proof });
    screen.err(`Give this to an authenticator app:\n\n  ${secret}\n  ${uri}\n`);
    const code = (await shownCode(context)) ?? "";
    return call(confirmTotp, { params: {}, body: { code } });
  },
  print: ({ recovery_codes }) =>
    [
      "From now on logging in takes a code. If the app is lost, each of these stands in once:",
      "",
      ...recovery_codes.map((code) => `  ${code}`),
    ].join("\n"),
});
