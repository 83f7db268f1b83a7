/** `vigo cli config unfreeze` */
import files from "node:fs/promises";
import { unfreezeConfig } from "../../../../core/api/publish.ts";
import { liftFreeze } from "../../../../core/publish/freeze.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";
import { actor, inHome } from "../../publish.ts";
import { isElsewhere } from "../../remote.ts";
import { homeOf } from "../../stacks.ts";

export default command({
  args: {},
  examples: ["vigo cli config unfreeze"],
  run: async (_, cli) => {
    if (isElsewhere(cli)) return cli.call(unfreezeConfig, { params: {}, body: {} });
    const home = homeOf(cli.wanted);
    return inHome(home, async () => liftFreeze(files, home, await actor(), new Date()));
  },
  print: ({ actor: by, reason }) =>
    `Publishing is open again. It was frozen by ${visible(by)}: ${visible(reason)}`,
});
