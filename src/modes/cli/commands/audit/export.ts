/** `vigo cli audit export` */
import { inertJson } from "../../../../core/inert.ts";
import { type Entry, exportAudit, listAudit } from "../../../../core/api/audit.ts";
import { misused } from "../../../../core/command/args.ts";
import type { Call } from "../../client.ts";
import { command } from "../../command.ts";
import { watched } from "../../progress.ts";

async function newestId(call: Call): Promise<number> {
  const { entries } = await call(listAudit, { params: {}, query: { limit: 1 } });
  return entries[0]?.id ?? 0;
}

export default command({
  args: {
    after: {
      type: "string",
      description: "The last entry that an export before this one has.",
      default: "0",
      valueHint: "ID",
    },
    json: { type: "boolean", description: "As it is without: an entry a line, as JSON." },
  },
  examples: ["vigo cli audit export > audit.jsonl", "vigo cli audit export --after 1207"],
  run: async ({ after }, { call, screen }) => {
    if (!/^\d{1,15}$/.test(after)) throw misused(`--after must be a number, not "${after}"`);
    const first = Number(after);
    await watched(screen, "exporting", async (progress) => {
      const newest = screen.watched ? await newestId(call) : first;
      let last = first;
      let entries: readonly Entry[];
      do {
        ({ entries } = await call(exportAudit, { params: {}, query: { after: last } }));
        // As JSON: whatever a stranger put into a name cannot reach a terminal as anything but letters.
        const lines = entries.map((entry) => inertJson(JSON.stringify(entry)));
        if (lines.length > 0) progress.above(() => screen.out(lines.join("\n")));
        last = entries.at(-1)?.id ?? last;
        progress.at(last - first, newest - first);
      } while (entries.length > 0);
    });
  },
});
