/** `vigo cli enroll approve ID` */
import { approvePending } from "../../../../core/api/pending.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: { id: { type: "positional", description: "As `enroll pending` shows it." } },
  examples: ["vigo cli enroll approve 2f1c7a54-6c1e-4f0e-9d0b-6f6f4f1f2a10"],
  run: ({ id }, { call }) => call(approvePending, { params: { id } }),
  print: ({ hostname, key_fingerprint: key }) =>
    `${visible(hostname)} (key ${key}) may enrol; it will the next time it asks.`,
});
