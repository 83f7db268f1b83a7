/** `vigo cli inventory diff A B` */
import type { Answer } from "../../../../core/api/endpoint.ts";
import { diffPackages } from "../../../../core/api/inventory.ts";
import { command } from "../../command.ts";
import { watched } from "../../progress.ts";
import { type Columns, listFlags, printList } from "../../listing.ts";
import { visible } from "../../print/text.ts";

export default command({
  args: {
    a: { type: "positional", description: "Identity or hostname of one envoy." },
    b: { type: "positional", description: "Of the other." },
    ...listFlags,
  },
  examples: ["vigo cli inventory diff web-1 web-2"],
  run: ({ a, b }, { call, screen }) =>
    watched(screen, "comparing", () => call(diffPackages, { params: {}, query: { a, b } })),
  print: ({ a, b, same, packages }, screen, args) => {
    const columns: Columns<Difference> = {
      package: { value: ({ name }) => name },
      [a]: { value: (row) => row.a ?? "" },
      [b]: { value: (row) => row.b ?? "" },
    };
    const empty = `${visible(a)} and ${visible(b)} have the same packages.`;
    const rows = printList(screen, { columns, rows: packages, empty }, args, new Date());
    return args.csv ? rows : `${rows}\n${same} more are the same on both`;
  },
});

type Difference = Answer<typeof diffPackages>["packages"][number];
