/** `vigo cli config server.yaml` */
import text from "../../../../../docs/reference/server.yaml" with { type: "text" };
import { command } from "../../command.ts";

export default command({
  args: {},
  examples: ["vigo cli config server.yaml", "vigo cli config server.yaml > server.yaml"],
  run: async (_, { screen }) => screen.out(String(text).trimEnd()),
});
