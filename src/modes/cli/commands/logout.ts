/** `vigo cli logout` */
import { logout } from "../../../core/api/auth.ts";
import { asVigoError, VigoError } from "../../../core/errors.ts";
import { client } from "../client.ts";
import { command } from "../command.ts";
import { secured } from "../connection.ts";
import { forgetLogin, loginFile, readLogin } from "../login-file.ts";

export default command({
  args: {},
  examples: ["vigo cli logout"],
  run: async (_, { env }) => {
    const file = loginFile(env);
    const kept = await readLogin(file);
    if (kept === undefined)
      throw new VigoError("missing", "nobody is logged in", { hint: "vigo cli login" });
    const call = client(secured({ url: kept.server, token: kept.token }, kept.ca));
    try {
      await call(logout, { params: {} });
    } catch (caught) {
      // A token that the server no longer takes has nothing left to withdraw.
      const error = asVigoError(caught);
      if (error.failure !== "unauthenticated") throw error;
    }
    await forgetLogin(file);
    return { server: kept.server };
  },
  print: ({ server }) => `Logged out of ${server}.`,
});
