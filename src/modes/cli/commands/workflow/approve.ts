/** `vigo cli workflow approve ID` */
import { approveWorkflowRun } from "../../../../core/api/workflows.ts";
import { command } from "../../command.ts";

export default command({
  args: { id: { type: "positional", description: "The run that waits." } },
  examples: ["vigo cli workflow approve 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55"],
  run: ({ id }, { call }) => call(approveWorkflowRun, { params: { id } }),
  print: ({ id, workflow }) => `${workflow} goes on; vigo cli workflow status ${id} --follow`,
});
