/** `vigo cli config history` */
import files from "node:fs/promises";
import { history, liveVersion } from "../../../../core/publish/live.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";
import { homeOf } from "../../stacks.ts";

export default command({
  args: {},
  run: async (_, { wanted }) => {
    const home = homeOf(wanted);
    const live = await liveVersion(files, home);
    const versions = await history(files, home);
    return {
      versions: versions.map((manifest) => ({
        ...manifest,
        live: manifest.version === live?.version,
      })),
    };
  },
  print: ({ versions }, screen) => {
    const now = new Date();
    return table(
      screen,
      ["VERSION", "", "PUBLISHED", "BY", "COMMIT", "DIGEST", "MESSAGE"],
      versions.map(({ version, live, published_at, actor, git_commit, digest, message }) => [
        String(version),
        live ? "live" : "",
        relative(published_at, now),
        visible(actor),
        git_commit?.slice(0, 12) ?? "",
        digest.slice(0, 12),
        visible(message),
      ]),
      "Nothing was published yet: vigo cli publish",
    );
  },
});
