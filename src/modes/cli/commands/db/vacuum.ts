/** `vigo cli db vacuum` */
import { vacuumDatabase } from "../../../../core/api/database.ts";
import { command } from "../../command.ts";
import { mebibytes } from "../../print/size.ts";
import { watchedThere } from "../../watched-there.ts";

export default command({
  args: {},
  examples: ["vigo cli db vacuum"],
  run: (_, { call, screen }) =>
    watchedThere({ screen, call, what: "vacuum" }, "vacuuming", () =>
      call(vacuumDatabase, { params: {} }),
    ),
  print: ({ before_bytes, after_bytes }) =>
    `${mebibytes(before_bytes)} before, ${mebibytes(after_bytes)} now`,
});
