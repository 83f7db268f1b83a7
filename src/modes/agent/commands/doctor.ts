/** `vigo agent doctor`. */
import { command } from "../command.ts";

export default command({
  args: {},
  examples: ["vigo agent doctor", "vigo agent doctor --json"],
  async run(_, context) {
    const { examine } = await import("../doctor.ts");
    return { checks: await examine(context) };
  },
  print: ({ checks }) =>
    checks
      .flatMap(({ name, result, message, fix }) => [
        `${result}  ${name.padEnd(12)} ${message}`,
        ...(fix === undefined ? [] : [`      ${" ".repeat(12)} fix: ${fix}`]),
      ])
      .join("\n"),
  exit: ({ checks }) => (checks.some(({ result }) => result === "fail") ? 1 : 0),
});
