/** `vigo cli secrets get PATH` */
import { getSecret } from "../../../../core/api/secrets.ts";
import { command } from "../../command.ts";

export default command({
  args: { path: { type: "positional", description: "What policy calls it, like web/db." } },
  examples: ["vigo cli secrets get web/db"],
  run: async ({ path }, { call }) => {
    const { value_base64, ...about } = await call(getSecret, { params: {}, body: { path } });
    return { ...about, value: Buffer.from(value_base64, "base64").toString("utf8") };
  },
  print: ({ value }) => value,
});
