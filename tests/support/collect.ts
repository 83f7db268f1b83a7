/** One trait as the agent collects it, held to its schema. Must not know which. */
import { expect } from "bun:test";
import type { ReadHost } from "../../src/core/host.ts";
import { askingOnce } from "../../src/core/tools/once.ts";
import { collectorFor, type TraitType } from "../../src/core/trait.ts";

export async function collect<V>(
  trait: TraitType<V>,
  host: ReadHost,
  previous?: V,
): Promise<V | undefined> {
  const value = await collectorFor(trait, host.os.platform)?.(host, {
    previous,
    once: askingOnce(),
    failed: (part, error) => {
      throw new Error(`${trait.name}.${part}`, { cause: error });
    },
  });
  if (value !== undefined) expect(trait.value.safeParse(value)).toMatchObject({ success: true });
  return value;
}
