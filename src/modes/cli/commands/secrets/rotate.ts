/** `vigo cli secrets rotate` */
import { rotateSecrets } from "../../../../core/api/secrets.ts";
import { command } from "../../command.ts";
import { many } from "../../print/problems.ts";

export default command({
  args: {},
  examples: ["vigo cli secrets rotate"],
  run: (_, { call }) => call(rotateSecrets, { params: {} }),
  print: ({ key, secrets }) =>
    `${many(secrets, "secret")} encrypted with the new master key ${key}; values are as they were. Back its file up.`,
});
