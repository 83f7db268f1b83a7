/** `vigo cli server drop-ca` */
import { finishRotation } from "../../../../core/api/ca.ts";
import { command } from "../../command.ts";

export default command({
  args: {
    force: {
      type: "boolean",
      description: "Also while envoys do not know the next CA; each of them then needs a token.",
    },
  },
  examples: ["vigo cli server drop-ca"],
  run: ({ force }, { call }) => call(finishRotation, { params: {}, body: { force } }),
  print: ({ ca, waiting }) =>
    `The former CA is dropped; ${ca.fingerprint} is in force. Tokens made before are void.\n${waiting} envoys still trust the former one as well, until they have asked for another certificate, which they do by themselves.`,
});
