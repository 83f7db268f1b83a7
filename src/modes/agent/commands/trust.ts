/** `vigo agent trust`. */
import { command } from "../command.ts";

export default command({
  args: {
    token: {
      type: "string",
      required: true,
      description: "A fresh enrolment token of the server.",
      valueHint: "TOKEN",
    },
  },
  examples: ["vigo agent trust --token vgt_…"],
  async run({ token }, { home, settings }) {
    const { trust } = await import("../trust.ts");
    return trust(home, token, settings.proxy);
  },
  print: ({ added, verification_keys: keys }) =>
    `bundles are trusted that one of these keys signed: ${keys.join(", ")} (${added.length} new); restart the daemon`,
});
