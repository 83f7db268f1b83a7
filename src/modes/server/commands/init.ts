/** `vigo server init` */
import { command } from "../command.ts";
import { readSettings } from "../config/read.ts";
import { revealing } from "../secrets/reveal.ts";
import { lockHome } from "../first-start/lock.ts";
import { assertOwn } from "../owner.ts";
import { prepare, prepareFolders } from "../first-start/prepare.ts";

export default command({
  args: {},
  examples: ["vigo server init --home /srv/vigo"],
  run: async (_, { home }) => {
    await assertOwn(home, "init");
    await prepareFolders(home);
    const unlock = lockHome(home.lock, home.folder);
    try {
      const settings = await readSettings(home, revealing(home));
      const { store, serverId, authority, password } = await prepare(home, settings, new Date());
      await store.close();
      return {
        home: home.folder,
        server_id: serverId,
        ca_fingerprint: authority.fingerprint,
        made: password !== undefined,
        password_file: password === undefined ? undefined : home.initialPassword,
      };
    } finally {
      unlock();
    }
  },
  print: ({ home, made, password_file }) =>
    made
      ? [
          `a server is ready to run in ${home}`,
          `password of the user admin: in ${password_file}`,
          `next: vigo server run --home ${home}`,
        ].join("\n")
      : `${home} holds a server already`,
});
