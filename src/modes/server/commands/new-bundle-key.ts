/** `vigo server new-bundle-key` */
import { command } from "../command.ts";
import { replaceBundleKey } from "../trust/replace-bundle-key.ts";

export default command({
  args: {},
  examples: ["vigo server new-bundle-key --home /srv/vigo"],
  run: (_, { home }) => replaceBundleKey(home, new Date()),
  print: ({ key_id, envoys }) =>
    [
      `bundles are signed with key ${key_id} from the next start on`,
      `${envoys} envoys refuse it, and enforce what they have, until each has run: vigo agent trust --token TOKEN`,
      "a token for all of them: vigo cli tokens create --uses N",
    ].join("\n"),
});
