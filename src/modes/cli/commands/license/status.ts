/** `vigo cli license status` */
import { showLicense } from "../../../../core/api/license.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {},
  examples: ["vigo cli license status"],
  run: (_, { call }) => call(showLicense, { params: {} }),
  print: ({ state, message }) => `${state}: ${visible(message)}`,
  exit: ({ state }) => (["full", "expired", "unreadable"].includes(state) ? 1 : 0),
});
