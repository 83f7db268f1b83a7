/** Two traits that tests can tell apart: one is kept, one changes with every cycle. */
import { z } from "zod";
import { defineTrait } from "../../../src/core/trait.ts";

const value = z.strictObject({ word: z.string().meta({ description: "Any word.", stable: true }) });
const rest = { platforms: ["linux"], value, example: { word: "x" } } as const;

export const kept = defineTrait({
  ...rest,
  name: "kept",
  summary: "Stays for a while.",
  keep: "hour",
  collect: async () => ({ word: "x" }),
});

export const volatile = defineTrait({
  ...rest,
  name: "volatile",
  summary: "Changes all the time.",
  keep: "run",
  collect: async () => ({ word: "x" }),
});
