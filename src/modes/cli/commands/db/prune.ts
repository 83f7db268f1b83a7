/** `vigo cli db prune --older-than AGE` */
import { pruneDatabase } from "../../../../core/api/database.ts";
import { command } from "../../command.ts";
import { watchedThere } from "../../watched-there.ts";

export default command({
  args: {
    "older-than": {
      type: "string",
      required: true,
      description: "Age from which on runs and notes go, before their time.",
      valueHint: "7d",
    },
  },
  examples: ["vigo cli db prune --older-than 7d"],
  run: (args, { call, screen }) =>
    watchedThere({ screen, call, what: "prune" }, "pruning", () =>
      call(pruneDatabase, { params: {}, body: { older_than: args["older-than"] } }),
    ),
  print: ({ runs, samples }) =>
    `${runs} runs and stretches of runs, and ${samples} notes of the fleet, were forgotten; vigo cli db vacuum gives back their space.`,
});
