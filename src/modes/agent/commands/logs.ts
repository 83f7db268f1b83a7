/** `vigo agent logs`. */
import { misused } from "../../../core/command/args.ts";
import { command } from "../command.ts";

export default command({
  args: {
    lines: { type: "string", default: "100", description: "How many, the newest.", valueHint: "N" },
    follow: { type: "boolean", description: "Go on with what comes." },
  },
  examples: ["vigo agent logs", "vigo agent logs --lines 20 --follow"],
  async run({ lines, follow }, { home }) {
    const count = Number(lines);
    if (!Number.isInteger(count) || count < 1) throw misused(`--lines ${lines} is no number`);
    const [{ logCommand }, { serviceOf }, { thisMachine }] = await Promise.all([
      import("../logs.ts"),
      import("../service/service.ts"),
      import("../enforcement.ts"),
    ]);
    const argv = await logCommand(serviceOf(thisMachine(home), home), { lines: count, follow });
    const child = Bun.spawn([...argv], { stdin: "ignore", stdout: "inherit", stderr: "inherit" });
    return { shown_by: argv.join(" "), exit_code: await child.exited };
  },
  print: () => "",
  exit: ({ exit_code: code }) => (code === 0 ? 0 : 1),
});
