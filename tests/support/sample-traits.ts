/** A few made-up traits, for tests of what reads traits and should not change when the real ones do. */
import { z } from "zod";
import { type AnyTraitType, defineTrait } from "../../src/core/trait.ts";

const stable = { stable: true };

const os = defineTrait({
  name: "os",
  summary: "The operating system.",
  platforms: ["linux"],
  keep: "boot",
  value: z.strictObject({
    family: z.string().meta(stable),
    distro: z.string().meta(stable),
    version: z.string().meta(stable),
    arch: z.enum(["amd64", "arm64"]).meta(stable),
    init: z.string().meta(stable),
    kernel: z.string(),
    reboot_reasons: z.array(z.string()),
  }),
  collect: async () => undefined,
  example: {
    family: "debian",
    distro: "debian",
    version: "12.4",
    arch: "amd64",
    init: "systemd",
    kernel: "6.1.0",
    reboot_reasons: ["linux-image"],
  },
});

const hardware = defineTrait({
  name: "hardware",
  summary: "The machine.",
  platforms: ["linux"],
  keep: "boot",
  value: z.strictObject({ cpu_count: z.int(), memory_mb: z.int() }),
  collect: async () => undefined,
  example: { cpu_count: 4, memory_mb: 7937 },
});

const load = defineTrait({
  name: "load",
  summary: "Numbers that change.",
  platforms: ["linux"],
  keep: "run",
  value: z.strictObject({
    one: z.number(),
    five: z.number(),
    mounts: z.record(z.string(), z.strictObject({ used_pct: z.number(), inodes: z.int() })),
    gateway: z.string().nullable(),
    note: z.string().exactOptional(),
  }),
  collect: async () => undefined,
  example: {
    one: 3,
    five: 2,
    mounts: { "/": { used_pct: 50, inodes: 10 } },
    gateway: null,
  },
});

export const sampleTraits: readonly AnyTraitType[] = [os, hardware, load];

/** What a machine with them reports. */
export const sampleValues = Object.fromEntries(
  sampleTraits.map((trait) => [trait.name, trait.example]),
);
