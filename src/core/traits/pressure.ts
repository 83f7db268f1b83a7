/** The `pressure` trait: time lost waiting, from `/proc/pressure` (Documentation/accounting/psi.rst). Must not know who waited. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { fileText } from "../tools/file-text.ts";
import { unlessCode } from "../tools/refusal.ts";
import { defineTrait } from "../trait.ts";

const lost = (of: string) =>
  z.strictObject({ some_avg10: z.number().min(0), full_avg10: z.number().min(0) }).meta({
    description: `For want of ${of}, percent of the last ten seconds: some process waited; all did.`,
  });

export const pressure = defineTrait({
  name: "pressure",
  summary: "Time lost waiting for processors, memory and disks.",
  platforms: ["linux"],
  keep: "run",
  value: () =>
    z.strictObject({ cpu: lost("processors"), io: lost("disks"), memory: lost("memory") }),
  async collect(host) {
    const [cpu, io, memory] = await Promise.all(
      ["cpu", "io", "memory"].map((of) => read(host, of)),
    );
    return cpu && io && memory && { cpu, io, memory };
  },
  example: {
    cpu: { some_avg10: 1.2, full_avg10: 0 },
    io: { some_avg10: 0.4, full_avg10: 0.3 },
    memory: { some_avg10: 0, full_avg10: 0 },
  },
});

/** The kernel refuses where pressure was switched off at boot. */
async function read(host: ReadHost, of: string) {
  const reading = fileText(host, `/proc/pressure/${of}`);
  const text = await unlessCode(["EOPNOTSUPP", "ENOTSUP"], reading);
  return text === undefined ? undefined : parsePressure(text);
}

/** Kernels before 5.13 have no `full` line for processors. */
export function parsePressure(text: string) {
  const value = (kind: string) =>
    Number(new RegExp(`^${kind} avg10=([\\d.]+)`, "m").exec(text)?.[1] ?? 0);
  return { some_avg10: value("some"), full_avg10: value("full") };
}
