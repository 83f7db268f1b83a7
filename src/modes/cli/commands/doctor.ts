/** `vigo cli doctor` */
import { doctor } from "../../../core/api/server.ts";
import { command } from "../command.ts";
import { stood, visible } from "../print/text.ts";

export default command({
  args: {},
  examples: ["vigo cli doctor", "vigo cli doctor --json"],
  run: (_, { call }) => call(doctor, { params: {} }),
  print: ({ checks }, screen) => {
    const wide = Math.max(0, ...checks.map(({ name }) => name.length));
    return checks
      .map(({ name, result, message, fix }) => {
        const line = `${stood(screen, result)}  ${name.padEnd(wide)}  ${visible(message)}`;
        return fix === undefined
          ? line
          : `${line}\n      ${" ".repeat(wide)}  fix: ${visible(fix)}`;
      })
      .join("\n");
  },
  exit: ({ checks }) => (checks.some(({ result }) => result === "fail") ? 1 : 0),
});
