/** `vigo server check-config` */
import { command } from "../command.ts";
import { readSettings } from "../config/read.ts";
import { readIfThere } from "../write-file.ts";

export default command({
  args: {},
  examples: ["vigo server check-config --home /srv/vigo"],
  run: async (_, { home }) => {
    const { tls, databaseFile, hostname, server, database, checkin, ...rest } =
      await readSettings(home);
    const exists = (await readIfThere(home.config)) !== undefined;
    return {
      file: home.config,
      exists,
      settings: { hostname, databaseFile, tls, server, database, checkin, ...rest },
    };
  },
  print: ({ file, exists }) =>
    exists ? `${file} is right` : `${file} is not there: everything has its default`,
});
