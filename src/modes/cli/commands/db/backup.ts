/** `vigo cli db backup` */
import { backupDatabase } from "../../../../core/api/database.ts";
import { command } from "../../command.ts";
import { mebibytes } from "../../print/size.ts";
import { visible } from "../../print/text.ts";
import { watchedThere } from "../../watched-there.ts";

export default command({
  args: {},
  examples: ["vigo cli db backup", "vigo cli db backup --home /srv/vigo"],
  run: (_, { call, screen }) =>
    watchedThere({ screen, call, what: "backup" }, "backing up", () =>
      call(backupDatabase, { params: {} }),
    ),
  print: ({ folder, files, bytes, elsewhere }) =>
    [
      `${visible(folder)} on the server's host: ${files} files, ${mebibytes(bytes)}`,
      "the keys are in it: keep it where nobody else reads it",
      ...elsewhere.map(
        (path) => `not in it, because the settings keep it elsewhere: ${visible(path)}`,
      ),
    ].join("\n"),
});
