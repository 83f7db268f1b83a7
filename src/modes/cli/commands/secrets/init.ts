/** `vigo cli secrets init` */
import { initSecrets } from "../../../../core/api/secrets.ts";
import { command } from "../../command.ts";

export default command({
  args: {},
  examples: ["vigo cli secrets init"],
  run: (_, { call }) => call(initSecrets, { params: {} }),
  print: ({ key }) =>
    `Made master key ${key}. Back its file up, and not beside the secrets: without it they are lost.`,
});
