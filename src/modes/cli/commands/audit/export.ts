/** `vigo cli audit export` */
import { inertJson } from "../../../../core/inert.ts";
import { type Entry, exportAudit } from "../../../../core/api/audit.ts";
import { misused } from "../../../../core/command/args.ts";
import { command } from "../../command.ts";

export default command({
  args: {
    after: {
      type: "string",
      description: "The last entry that an export before this one has.",
      default: "0",
      valueHint: "ID",
    },
  },
  examples: ["vigo cli audit export > audit.jsonl", "vigo cli audit export --after 1207"],
  run: async ({ after }, { call, screen }) => {
    if (!/^\d{1,15}$/.test(after)) throw misused(`--after must be a number, not "${after}"`);
    let last = Number(after);
    let entries: readonly Entry[];
    do {
      ({ entries } = await call(exportAudit, { params: {}, query: { after: last } }));
      // As JSON: whatever a stranger put into a name cannot reach a terminal as anything but letters.
      for (const entry of entries) screen.out(inertJson(JSON.stringify(entry)));
      last = entries.at(-1)?.id ?? last;
    } while (entries.length > 0);
  },
});
