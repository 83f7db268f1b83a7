/** `vigo server check-config` */
import { command } from "../command.ts";
import { readSettings } from "../config/read.ts";
import { printable } from "../config/printable.ts";
import { readIfThere } from "../write-file.ts";
import { revealing } from "../secrets/reveal.ts";

export default command({
  args: {},
  examples: ["vigo server check-config --home /srv/vigo"],
  run: async (_, { home }) => {
    const settings = await readSettings(home, revealing(home));
    const exists = (await readIfThere(home.config)) !== undefined;
    return { file: home.config, exists, settings: printable(settings) };
  },
  print: ({ file, exists }) =>
    exists ? `${file} is right` : `${file} is not there: everything has its default`,
});
