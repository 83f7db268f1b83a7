/** `vigo cli inventory packages` */
import { listPackages, type PackageCount } from "../../../../core/api/inventory.ts";
import { command } from "../../command.ts";
import { watched } from "../../progress.ts";
import { hostnameFlag, leftOut, most } from "../../inventory.ts";
import { type Columns, listFlags, printList } from "../../listing.ts";
import { limitFlag } from "../../pages.ts";
import { many } from "../../print/problems.ts";

export default command({
  args: {
    name: {
      type: "positional",
      required: false,
      description: "Only those whose name matches: openssl, libssl*.",
    },
    ...hostnameFlag,
    ...limitFlag,
    ...listFlags,
  },
  examples: [
    "vigo cli inventory packages 'openssl*'",
    "vigo cli inventory packages --hostname 'web-*' --limit 9999 --csv",
  ],
  run: ({ name, hostname, limit }, { call, screen }) =>
    watched(screen, "counting", () =>
      call(listPackages, {
        params: {},
        query: {
          limit: most(limit),
          ...(name === undefined ? {} : { name }),
          ...(hostname === undefined ? {} : { hostname }),
        },
      }),
    ),
  print: ({ packages, told, left_out }, screen, args) => {
    const rows = printList(screen, { columns, rows: packages, empty }, args, new Date());
    return args.csv
      ? rows
      : [rows, ...leftOut(left_out), `${many(told, "envoy")} counted`].join("\n");
  },
});

const empty = "No such packages.";

const columns: Columns<PackageCount> = {
  package: { value: ({ name }) => name },
  version: { value: ({ version }) => version },
  envoys: { value: ({ envoys }) => String(envoys) },
};
