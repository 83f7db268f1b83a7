/** `vigo cli enroll reject ID` */
import { rejectPending } from "../../../../core/api/pending.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: { id: { type: "positional", description: "As `enroll pending` shows it." } },
  examples: ["vigo cli enroll reject 2f1c7a54-6c1e-4f0e-9d0b-6f6f4f1f2a10"],
  run: ({ id }, { call }) => call(rejectPending, { params: { id } }),
  // Anybody can make another key.
  print: ({ hostname, key_fingerprint: key, token_id: token }) =>
    `${visible(hostname)} (key ${key}) is turned away. Its token can still be used: \`vigo cli tokens revoke ${visible(token)}\` ends that.`,
});
