/** `vigo cli config history` */
import { command } from "../../command.ts";
import { printFreeze } from "../../print/freeze.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";
import { visible } from "../../print/text.ts";
import { freezeOf } from "../../standing.ts";
import { type Version, versionsOf } from "../../versions.ts";

export default command({
  args: {},
  examples: ["vigo cli config history"],
  run: async (_, cli) => {
    const freeze = await freezeOf(cli);
    const versions = await versionsOf(cli);
    return { versions, ...(freeze === undefined ? {} : { freeze }) };
  },
  print: ({ versions, freeze }, screen) => {
    const now = new Date();
    const rows = table(
      screen,
      ["VERSION", "", "PUBLISHED", "BY", "COMMIT", "DIGEST", "MESSAGE"],
      versions.map((each) => [
        String(each.version),
        each.live ? "live" : "",
        relative(each.published_at, now),
        visible(each.actor),
        each.git_commit === undefined ? "" : shortened(each.git_commit),
        each.digest.slice(0, 12),
        story(each),
      ]),
      "Nothing was published yet: vigo cli publish",
    );
    if (freeze === undefined) return rows;
    return `${printFreeze(screen, freeze)}\n${rows}`;
  },
});

const shortened = (commit: string): string =>
  visible(commit.slice(0, 12)) + (commit.endsWith("-dirty") ? "-dirty" : "");

/** Why, and what was out of the ordinary. */
function story({ message, rollback_of, forced }: Version): string {
  const marks = [
    ...(rollback_of === undefined ? [] : [`rollback to ${rollback_of}`]),
    ...(forced === undefined ? [] : [`in a freeze: ${visible(forced)}`]),
  ];
  const note = marks.length === 0 ? "" : `(${marks.join("; ")})`;
  return [visible(message), note].filter((text) => text !== "").join(" ");
}
