/** The `secureboot` trait, from the firmware's variables (UEFI specification, 3.3). Must not know what was started. */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { defineTrait } from "../trait.ts";

export const secureboot = defineTrait({
  name: "secureboot",
  summary: "Whether the firmware starts signed systems only.",
  platforms: ["linux"],
  elsewhere: {
    windows: () =>
      (require("./windows/firmware.ts") as typeof import("./windows/firmware.ts")).secureboot,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      enabled: z.boolean().meta({ description: "It does; false without UEFI too." }),
      setup_mode: z
        .boolean()
        .meta({ description: "Its keys are not set, so that anybody may set them." }),
    }),
  async collect(host) {
    const [enabled, setup_mode] = await Promise.all(
      ["SecureBoot", "SetupMode"].map((name) => isSet(host, name)),
    );
    return { enabled: enabled === true, setup_mode: setup_mode === true };
  },
  example: { enabled: true, setup_mode: false },
});

/** EFI_GLOBAL_VARIABLE. Four bytes of attributes stand before the value. */
async function isSet(host: ReadHost, name: string): Promise<boolean> {
  const id = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
  const bytes = await host.read(`/sys/firmware/efi/efivars/${name}-${id}`, { limit: 16 });
  return bytes?.[4] === 1;
}
