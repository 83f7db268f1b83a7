/** `vigo cli workflow abort ID` */
import { abortWorkflowRun } from "../../../../core/api/workflows.ts";
import { command } from "../../command.ts";

export default command({
  args: {
    id: { type: "positional", description: "The run." },
    hard: { type: "boolean", description: "Do not do what its on_failure says." },
    reason: { type: "string", description: "For the record.", default: "" },
  },
  examples: [
    "vigo cli workflow abort 019a5c2e-7a40-7000-8f3a-2f0b1c9d4e55 --reason 'wrong package'",
  ],
  run: ({ id, hard, reason }, { call }) =>
    call(abortWorkflowRun, { params: { id }, body: { hard, reason } }),
  print: ({ id, state }) =>
    state === "undoing"
      ? `run ${id} is being broken off, and does what on_failure says; vigo cli workflow status ${id}`
      : `run ${id} is ${state}`,
});
