/** `vigo cli audit verify` */
import { verifyAudit } from "../../../../core/api/audit.ts";
import { command } from "../../command.ts";
import { watched } from "../../progress.ts";
import { exportedLog } from "../../exported-log.ts";

export default command({
  args: {
    head: {
      type: "string",
      description: "A head that was kept: does the log still hold all it held then?",
      valueHint: "HEAD",
    },
    file: {
      type: "string",
      description: "Check an export instead, without a server.",
      valueHint: "FILE",
    },
  },
  examples: [
    "vigo cli audit verify",
    "vigo cli audit verify --head vigo-head-1.1207.…",
    "vigo cli audit verify --file audit.jsonl --head vigo-head-1.1207.…",
  ],
  run: ({ head, file }, { call, screen }) =>
    watched(screen, "verifying", ({ at }) =>
      file === undefined
        ? call(verifyAudit, { params: {}, query: head === undefined ? {} : { head } })
        : exportedLog(file, head, at),
    ),
  print: ({ holds, problem, entries, head }) =>
    [
      holds
        ? `${entries} entries, each following from the one before`
        : `the audit log does not hold: ${problem}`,
      ...(holds ? [] : [`the entries up to ${entries} follow from one another`]),
      ...(head === undefined ? [] : ["", "the newest signed head, to keep elsewhere:", head]),
    ].join("\n"),
  exit: ({ holds }) => (holds ? 0 : 1),
});
