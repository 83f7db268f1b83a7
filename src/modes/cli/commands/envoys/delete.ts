/** `vigo cli envoys delete ID` */
import { deleteEnvoy } from "../../../../core/api/envoys.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: { id: { type: "positional", description: "Identity of a revoked envoy, or its name." } },
  examples: ["vigo cli envoys delete 2f1c7a54-6c1e-4f0e-9d0b-6f6f4f1f2a10"],
  run: ({ id }, { call }) => call(deleteEnvoy, { params: { id } }),
  print: ({ hostname, id }) =>
    `${visible(hostname)} (${id}) is forgotten with its runs and traits; the audit log keeps what was done.`,
});
