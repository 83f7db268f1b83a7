/** `vigo cli server ca` */
import { showRotation } from "../../../../core/api/ca.ts";
import { command } from "../../command.ts";
import { printRotation } from "../../print/rotation.ts";

export default command({
  args: {},
  examples: ["vigo cli server ca"],
  run: (_, { call }) => call(showRotation, { params: {} }),
  print: (rotation) => printRotation(rotation, new Date()),
});
