/** The `tpm` trait: a chip that keeps keys, from `/sys/class/tpm`. Must not know what is in it. */
import { z } from "zod";
import { fileLine, fileText } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

export const tpm = defineTrait({
  name: "tpm",
  summary: "The trusted platform module.",
  platforms: ["linux"],
  elsewhere: {
    windows: () => (require("./windows/firmware.ts") as typeof import("./windows/firmware.ts")).tpm,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      present: z.boolean().meta({ description: "The machine has one that the kernel knows." }),
      version: z.string().meta({ description: "Its version, 1.2 or 2.0; empty: none." }),
    }),
  async collect(host) {
    const folder = "/sys/class/tpm/tpm0";
    if ((await host.stat(folder, { follow: true })) === undefined)
      return { present: false, version: "" };
    const [major, caps = ""] = await Promise.all([
      fileLine(host, `${folder}/tpm_version_major`),
      fileText(host, `${folder}/caps`),
    ]);
    const [, told] = /^TCG version: (\d\.\d)/m.exec(caps) ?? [];
    return { present: true, version: versions[major] ?? told ?? "2.0" };
  },
  example: { present: true, version: "2.0" },
});

/** The file is there since Linux 5.6; before it, only chips of version 1.2 told theirs. */
const versions: Readonly<Record<string, string>> = { "1": "1.2", "2": "2.0" };
