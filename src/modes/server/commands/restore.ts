/** `vigo server restore FOLDER` */
import { restoreBackup } from "../backup/restore.ts";
import { command } from "../command.ts";

export default command({
  args: {
    folder: { type: "positional", description: "What vigo cli db backup has made." },
  },
  examples: ["vigo server restore /srv/vigo/backups/2026-11-21T03-00-00Z --home /srv/vigo"],
  run: ({ folder }, { home }) => restoreBackup(home, folder, new Date()),
  print: ({ madeAt, aside, elsewhere }) =>
    [
      `the home is as it was at ${madeAt}`,
      ...(aside === undefined ? [] : [`what was there before is in ${aside}`]),
      ...elsewhere.map((path) => `not in the backup, so look whether it fits: ${path}`),
      "start the server, and publish once, so that agents see a newer version",
    ].join("\n"),
});
