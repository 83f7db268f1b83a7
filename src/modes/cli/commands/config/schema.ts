/** `vigo cli config schema` */
import { resources } from "../../../../core/resources/index.ts";
import { command } from "../../command.ts";
import { vgoSchema } from "../../schema/vgo.ts";

export default command({
  args: {},
  examples: ["vigo cli config schema > vigo.schema.json"],
  run: async () => vgoSchema(resources),
  print: (schema) => JSON.stringify(schema, undefined, 2),
});
