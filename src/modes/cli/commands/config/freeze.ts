/** `vigo cli config freeze` */
import files from "node:fs/promises";
import { freezeConfig } from "../../../../core/api/publish.ts";
import { freezeEnd, writeFreeze } from "../../../../core/publish/freeze.ts";
import { command } from "../../command.ts";
import { visible } from "../../print/text.ts";
import { actor, inHome } from "../../publish.ts";
import { isElsewhere } from "../../remote.ts";
import { homeOf } from "../../stacks.ts";

export default command({
  args: {
    until: {
      type: "string",
      description: "When it ends: 3d, or 2026-12-27T08:00.",
      required: true,
      valueHint: "TIME",
    },
    reason: {
      type: "string",
      description: "Why, for those who are refused.",
      required: true,
      valueHint: "TEXT",
    },
  },
  examples: ["vigo cli config freeze --until 3d --reason 'release week'"],
  run: async ({ until, reason }, cli) => {
    if (isElsewhere(cli)) return cli.call(freezeConfig, { params: {}, body: { until, reason } });
    const [home, now] = [homeOf(cli.wanted), new Date()];
    const end = freezeEnd(until, now);
    const freeze = {
      until: end.toISOString(),
      reason,
      actor: await actor(),
      at: now.toISOString(),
    };
    await inHome(home, () => writeFreeze(files, home, freeze));
    return freeze;
  },
  print: ({ until, reason }) => `Nothing is published until ${until}: ${visible(reason)}`,
});
