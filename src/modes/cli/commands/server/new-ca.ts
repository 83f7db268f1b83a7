/** `vigo cli server new-ca` */
import { beginRotation } from "../../../../core/api/ca.ts";
import { command } from "../../command.ts";
import { printRotation } from "../../print/rotation.ts";

export default command({
  args: {},
  examples: ["vigo cli server new-ca"],
  run: (_, { call }) => call(beginRotation, { params: {} }),
  print: (rotation) => printRotation(rotation, new Date()),
});
