/** `vigo cli envoys tag set WHO TAG…` */
import { tagEnvoys } from "../../../../../core/api/tags.ts";
import { command } from "../../../command.ts";
import { printTagged, tagArgs } from "../../../print/tags.ts";

export default command({
  args: tagArgs,
  examples: [
    "vigo cli envoys tag set web-1 rack-12 edge",
    "vigo cli envoys tag set @webserver blue",
  ],
  run: ({ who, tag }, { call }) =>
    call(tagEnvoys, { params: {}, body: { targets: [who], set: [...tag] } }),
  print: printTagged,
});
