/** `vigo cli secrets list` */
import { listSecrets } from "../../../../core/api/secrets.ts";
import { command } from "../../command.ts";
import { relative } from "../../print/moment.ts";
import { table } from "../../print/table.ts";

export default command({
  args: {},
  run: (_, { call }) => call(listSecrets, { params: {} }),
  print: ({ secrets }, screen) => {
    const now = new Date();
    return table(
      screen,
      ["PATH", "VERSION", "CHANGED"],
      secrets.map(({ path, version, changed_at }) => [
        path,
        String(version),
        relative(changed_at, now),
      ]),
      "No secrets. `vigo cli secrets set PATH` makes one.",
    );
  },
});
