/** `vigo cli envoys tag unset WHO TAG…` */
import { tagEnvoys } from "../../../../../core/api/tags.ts";
import { command } from "../../../command.ts";
import { printTagged, tagArgs } from "../../../print/tags.ts";

export default command({
  args: tagArgs,
  examples: ["vigo cli envoys tag unset tag:blue blue"],
  run: ({ who, tag }, { call }) =>
    call(tagEnvoys, { params: {}, body: { targets: [who], unset: [...tag] } }),
  print: printTagged,
});
