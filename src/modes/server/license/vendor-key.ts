/** The key that the vendor signs licences with: its public half; `bun scripts/license.ts new-key FILE` makes another pair. */
export const vendorKey: Uint8Array = Buffer.from(
  "2fe973e6b1c150f19014369ad5cd4235ca07ff1f0399057838960c99bbbda2e9",
  "hex",
);
