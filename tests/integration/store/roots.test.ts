import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { traits } from "../../../src/core/traits/index.ts";
import { sectionHash, traitsRoot } from "../../../src/core/wire/traits-root.ts";
import { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import type { Store } from "../../../src/modes/server/store/store.ts";
import { enrolled } from "./rows.ts";

const row = (envoyId: string, section: string, value: string) => ({
  envoyId,
  section,
  value,
  hash: sectionHash(value),
  collectedAt: 1_000,
  stale: false,
});

const load = (store: Store, registry = traits) =>
  Fleet.load(store, {
    intervalMs: 1_000,
    offline: { factor: 2.5 },
    divergedAfter: 3,
    traits: registry,
  });

/** Counts what is asked of the store, which else answers for itself. */
function counting(store: Store): { store: Store; asked: string[] } {
  const asked: string[] = [];
  const hashes: Store["traits"]["hashes"] = (ids) => {
    asked.push(...ids);
    return store.traits.hashes(ids);
  };
  return { store: { ...store, traits: { ...store.traits, hashes } }, asked };
}

test("a start reads the hashes of those envoys only whose root it does not have", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vigo-roots-"));
  const store = await openStore(join(folder, "vigo.db"));
  try {
    await enrolled(store, "e1", "e2", "e3");
    const [os, hardware] = [row("e1", "os", "1"), row("e1", "hardware", "2")];
    // What is collected in every cycle is no part of the root.
    const time = row("e1", "time", "3");
    await store.traits.put([os, hardware, time, row("e2", "os", "4")]);
    const root = traitsRoot([
      ["os", os.hash],
      ["hardware", hardware.hash],
    ]);

    const first = await load(store);
    const told = first.get("e1");
    if (told === undefined) throw new Error("e1 is not there");
    expect(told.traitsRoot).toEqual(root);
    first.checkedIn(told, undefined);
    await first.flush(store);

    const second = counting(store);
    expect((await load(second.store)).get("e1")?.traitsRoot).toEqual(Buffer.from(root));
    expect(second.asked).toEqual(["e2", "e3"]);

    // Sections that come after the flush: a server that is killed now must not believe the root it wrote.
    await store.traits.put([row("e1", "os", "5")]);
    const third = counting(store);
    const expected = traitsRoot([
      ["os", sectionHash("5")],
      ["hardware", hardware.hash],
    ]);
    expect((await load(third.store)).get("e1")?.traitsRoot).toEqual(expected);
    expect(third.asked).toContain("e1");

    // A server that knows other traits makes its own.
    const again = await load(store);
    const envoy = again.get("e1");
    if (envoy === undefined) throw new Error("e1 is not there");
    again.checkedIn(envoy, undefined);
    await again.flush(store);
    const older = traits.filter(({ name }) => name !== "hardware");
    const fourth = counting(store);
    expect((await load(fourth.store, older)).get("e1")?.traitsRoot).toEqual(
      traitsRoot([["os", sectionHash("5")]]),
    );
    expect(fourth.asked).toContain("e1");
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
});
