/** `vigo cli task rerun ID [--failed]` */
import { rerunTask } from "../../../../core/api/tasks.ts";
import { command } from "../../command.ts";
import { orderAndWatch } from "../../task-order.ts";
import { orderFlags } from "./order-flags.ts";

export default command({
  args: {
    id: { type: "positional", description: "The task; it has ended." },
    failed: { type: "boolean", description: "Only where it did not end ok." },
    ...orderFlags,
  },
  examples: ["vigo cli task rerun 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55 --failed"],
  run: ({ id, failed, expires, force, follow, json, "dry-run": dryRun }, cli) => {
    const order = (dry_run: boolean) =>
      cli.call(rerunTask, { params: { id }, body: { failed, expires, force, dry_run } });
    return orderAndWatch(cli, order, { dryRun, follow, json });
  },
  exit: (code) => code,
});
