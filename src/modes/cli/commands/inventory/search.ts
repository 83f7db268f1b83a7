/** `vigo cli inventory search PACKAGE` */
import { type Holder, searchPackages } from "../../../../core/api/inventory.ts";
import { command } from "../../command.ts";
import { watched } from "../../progress.ts";
import { hostnameFlag, leftOut, most } from "../../inventory.ts";
import { type Columns, listFlags, printList } from "../../listing.ts";
import { limitFlag } from "../../pages.ts";
import { many } from "../../print/problems.ts";

export default command({
  args: {
    package: { type: "positional", description: "Its name, or a pattern: openssl, libssl*." },
    version: {
      type: "string",
      description: "Only in this version, or one that matches.",
      valueHint: "3.0.*",
    },
    ...hostnameFlag,
    ...limitFlag,
    ...listFlags,
  },
  examples: [
    "vigo cli inventory search openssl --version '3.0.1*'",
    "vigo cli inventory search 'libssl*' --csv",
  ],
  run: ({ package: name, version, hostname, limit }, { call, screen }) =>
    watched(screen, "searching", () =>
      call(searchPackages, {
        params: {},
        query: {
          name,
          limit: most(limit),
          ...(version === undefined ? {} : { version }),
          ...(hostname === undefined ? {} : { hostname }),
        },
      }),
    ),
  print: ({ holders, told, left_out }, screen, args) => {
    const rows = printList(screen, { columns, rows: holders, empty }, args, new Date());
    return args.csv
      ? rows
      : [rows, ...leftOut(left_out), `${many(told, "envoy")} looked at`].join("\n");
  },
});

const empty = "Nobody has it.";

const columns: Columns<Holder> = {
  hostname: { value: ({ hostname }) => hostname },
  package: { value: ({ name }) => name },
  version: { value: ({ version }) => version },
  id: { value: ({ id }) => id, extra: true },
};
