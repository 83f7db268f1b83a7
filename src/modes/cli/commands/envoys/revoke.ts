/** `vigo cli envoys revoke ID` */
import { revokeEnvoy } from "../../../../core/api/envoys.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: { id: { type: "positional", description: "Identity or hostname of the envoy." } },
  examples: ["vigo cli envoys revoke 2f1c7a54-6c1e-4f0e-9d0b-6f6f4f1f2a10"],
  run: ({ id }, { call }) => call(revokeEnvoy, { params: { id } }),
  print: ({ hostname, id }) =>
    `${visible(hostname)} (${id}) is shut out; it keeps what it enforces, and can come back only by enrolling anew.`,
});
