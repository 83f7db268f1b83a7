/** `vigo server rotate-bundle-key` */
import { command } from "../command.ts";
import { rotateBundleKey } from "../trust/replace-bundle-key.ts";

export default command({
  args: {},
  examples: ["vigo server rotate-bundle-key --home /srv/vigo"],
  run: (_, { home }) => rotateBundleKey(home, new Date()),
  print: ({ key_id, envoys }) =>
    [
      `bundles are signed with key ${key_id} from the next start on`,
      `${envoys} envoys follow at their next check-in, whenever that is: the former key has signed for it`,
    ].join("\n"),
});
