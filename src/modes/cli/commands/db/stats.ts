/** `vigo cli db stats` */
import { databaseStats } from "../../../../core/api/database.ts";
import { command } from "../../command.ts";
import { facts } from "../../print/table.ts";
import { visible } from "../../print/text.ts";
import { mebibytes } from "../../print/size.ts";

export default command({
  args: {},
  examples: ["vigo cli db stats"],
  run: (_, { call }) => call(databaseStats, { params: {} }),
  print: ({ driver, size_bytes, free_bytes, rows }) =>
    facts([
      ["kind", driver],
      ["size", mebibytes(size_bytes)],
      ["unused", `${mebibytes(free_bytes)}: vigo cli db vacuum gives it back`],
      ...Object.entries(rows).map(([table, count]) => [visible(table), `${count} rows`] as const),
    ]),
});
