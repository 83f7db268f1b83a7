/** An agent that does not know its secrets yet tells a part of its traits, and no root: the rest is not gone. */
import { expect, test } from "bun:test";
import { traitsRoot } from "../../../src/core/wire/traits-root.ts";
import { connectLink } from "../../../src/modes/agent/link.ts";
import { kept } from "./traits.ts";
import { world } from "./world.ts";

test("what is told without a root changes what it names, and nothing else", async () => {
  const w = await world({ traits: [kept, { ...kept, name: "other" }] });
  const envoy = await w.enrol("web-1");
  const link = connectLink(envoy.identity);
  const tell = (root: Uint8Array, sections: Record<string, string>) =>
    link.checkIn({
      agentVersion: "1",
      machineId: envoy.row.machineId,
      bootId: "boot",
      traitsRoot: root,
      sections: Object.entries(sections).map(([name, word]) => ({
        name,
        value: Buffer.from(JSON.stringify({ word })),
        collectedAtMs: 5n,
      })),
    });
  const some = traitsRoot([["kept", "0".repeat(64)]]);
  try {
    await tell(some, { kept: "a", other: "b" });
    // The server asks, the agent begins anew meanwhile, and tells what it may.
    expect((await tell(some, {})).sectionsWanted).toEqual(["kept", "other"]);
    expect((await tell(new Uint8Array(), { kept: "c" })).sectionsWanted).toEqual([]);
    const rows = await w.store.traits.of(envoy.row.id);
    expect(rows.map(({ section, value }) => [section, value]).sort()).toEqual([
      ["kept", { word: "c" }],
      ["other", { word: "b" }],
    ]);
    expect((await tell(some, {})).sectionsWanted).toEqual(["kept", "other"]);
  } finally {
    link.close();
    await w.close();
  }
});
