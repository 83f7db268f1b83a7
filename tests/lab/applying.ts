/** One run of the agent on a machine, by `vigo agent apply`. Must not know types. */
import type { RunReport } from "../../src/core/converge/report.ts";
import type { Machine } from "./machine.ts";

/** One run of a configcrate with these resources, as its report. */
export const applying =
  (host: Machine) =>
  async (
    crate: string,
    resources: readonly string[],
    ...flags: readonly string[]
  ): Promise<RunReport> => {
    const lines = [
      `configcrate: ${crate}`,
      "resources:",
      ...resources.map((line) => `  - ${line}`),
    ];
    await host.put(`/root/${crate}.vgo`, `${lines.join("\n")}\n`);
    const argv = ["/opt/vigo/vigo", "agent", "apply", `/root/${crate}.vgo`, "--json", ...flags];
    const { stdout, stderr } = await host.run(argv, { timeoutMs: 600_000 });
    if (!stdout.startsWith("{")) throw new Error(`${stderr}${stdout}`);
    return JSON.parse(stdout) as RunReport;
  };
