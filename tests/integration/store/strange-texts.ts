/** What every store must do with texts that strangers choose: keep them as they were, and never refuse a row for them. */
import { describe, expect, test } from "bun:test";
import type { Store } from "../../../src/modes/server/store/store.ts";
import type { TaskEnding } from "../../../src/modes/server/store/tasks.ts";
import { enrolled, entry, run, task } from "./rows.ts";

/** A zero, which some databases end a text at or refuse, what looks like their own words, and letters beyond the first plane. */
const strange = `a\u0000b'"\\';--%_\u{1f600}\u202e\ufffe`;
/** Half a letter: only JSON can bring it, which spells it out. */
const half = "\ud800";

export function strangeTextConformance(
  name: string,
  kept: (
    first: (store: Store) => Promise<void>,
    then: (store: Store) => Promise<void>,
  ) => Promise<void>,
): void {
  describe(`${name}: strange texts`, () => {
    const seen = {
      ...{
        id: "e1",
        lastSeenAt: 7_000,
        agentVersion: strange,
        bootId: strange,
        machineId: strange,
      },
      ...{ reportedHostname: strange, policyVersion: 1, bodyDigest: "", traitsRoot: "" },
    };
    const told = run("e1", 1, {
      resources: [
        {
          ...{ key: strange, type: strange, outcome: "failed", reason: strange, duration_ms: 1 },
          changes: [{ field: strange, from: strange, to: strange, cause: "drift" }],
        },
      ],
    });
    const value = { [strange]: [strange, half] };
    const trait = { envoyId: "e1", section: "os", value, hash: "1", collectedAt: 1, stale: false };
    const ending: TaskEnding = {
      ...{ envoyId: "e1", state: "failed", startedAt: 1, endedAt: 2, exitCode: 1 },
      ...{ reason: strange, output: [{ stream: "out", text: strange }], dropped: 0 },
    };

    test("are kept as they were", () =>
      kept(
        async (store) => {
          await enrolled(store, "e1");
          await store.envoys.seen([seen]);
          await store.envoys.note("e1", strange, entry("envoy.note", { note: [strange, half] }));
          await store.traits.put([trait]);
          await store.runs.record("e1", [told], []);
          const target = { envoyId: "e1", hostname: "a", batch: 0, sentAt: 1 };
          await store.tasks.create(task("t1", { command: strange }), [target], entry());
          await store.tasks.settle("t1", [ending]);
          await store.meta.set(strange, strange);
        },
        async (store) => {
          const { traitsRoot: _, bodyDigest: __, ...rest } = seen;
          expect((await store.envoys.all())[0]).toMatchObject({ ...rest, note: strange });
          expect(await store.traits.of("e1")).toEqual([trait]);
          expect(await store.runs.find("e1", 1)).toEqual(told);
          expect((await store.tasks.find("t1"))?.command).toBe(strange);
          expect((await store.tasks.targets("t1"))[0]?.ending).toEqual(ending);
          expect(await store.meta.get(strange)).toBe(strange);
          const noted = (await store.audit.page(9)).find(({ action }) => action === "envoy.note");
          expect(noted?.detail).toEqual({ note: [strange, half] });
        },
      ));
  });
}
