/** What every store must do with tasks. */
import { describe, expect, test } from "bun:test";
import type { Store } from "../../../src/modes/server/store/store.ts";
import type { TaskEnding } from "../../../src/modes/server/store/tasks.ts";
import { entry, task } from "./rows.ts";

const ending = (envoyId: string, more: Partial<TaskEnding> = {}): TaskEnding => ({
  envoyId,
  state: "ok",
  startedAt: 2_000,
  endedAt: 3_000,
  exitCode: 0,
  reason: "",
  output: [{ stream: "out", text: "é\n" }],
  dropped: 0,
  ...more,
});

const targets = [
  { envoyId: "e2", hostname: "b", batch: 0, sentAt: undefined },
  { envoyId: "e1", hostname: "a", batch: 0, sentAt: undefined },
  { envoyId: "e3", hostname: "a", batch: 1, sentAt: undefined },
];

type Kept = (
  first: (store: Store) => Promise<void>,
  then: (store: Store) => Promise<void>,
) => Promise<void>;

export function taskConformance(name: string, kept: Kept): void {
  const fresh = (work: (store: Store) => Promise<void>) => kept(work, async () => {});

  describe(`${name}: tasks`, () => {
    test("are kept whole, and their targets by batch and hostname", () => {
      const whole = task("t1", {
        named: { name: "restart", argv: ["systemctl", "é"], params: { unit: "x", n: 3, b: true } },
        maxFailures: 2,
        nice: -5,
        force: true,
        batchSize: 2,
        healthCheck: "https://x/health",
        checkOf: "t0",
        checkBatch: 4,
        rerunOf: "t00",
      });
      return kept(
        async (store) => {
          await store.tasks.create(whole, targets, entry("task.run"));
          const [first] = targets;
          if (first !== undefined)
            await store.tasks.create(task("t2"), [{ ...first, sentAt: 1_200 }], entry());
        },
        async (store) => {
          expect(await store.tasks.find("t1")).toEqual(whole);
          expect(await store.tasks.find("t2")).toEqual(task("t2"));
          expect(await store.tasks.find("t3")).toBeUndefined();
          const rows = await store.tasks.targets("t1");
          expect(rows.map(({ envoyId }) => envoyId)).toEqual(["e1", "e2", "e3"]);
          expect(rows[2]).toEqual({
            taskId: "t1",
            envoyId: "e3",
            hostname: "a",
            batch: 1,
            sentAt: undefined,
            ending: undefined,
          });
          expect(await store.tasks.targets("t2")).toMatchObject([{ envoyId: "e2", sentAt: 1_200 }]);
          expect((await store.audit.page(5)).map(({ action }) => action)).toContain("task.run");
        },
      );
    });

    test("end once on each target, and nothing changes that", () =>
      kept(
        async (store) => {
          await store.tasks.create(task("t1"), targets, entry());
          await store.tasks.sent("t1", ["e1", "e2"], 1_500);
          await store.tasks.sent("t1", ["e1"], 1_900);
          expect(await store.tasks.settle("t1", [ending("e1"), ending("nobody")])).toEqual(["e1"]);
          const late = ending("e1", { state: "failed", exitCode: 1 });
          expect(await store.tasks.settle("t1", [late])).toEqual([]);
          const several = ["e2", "e3"].map((id) => ending(id, { exitCode: undefined }));
          const done = await Promise.all(several.map((one) => store.tasks.settle("t1", [one])));
          expect(done).toEqual([["e2"], ["e3"]]);
          await store.tasks.sent("t1", ["e3"], 9_000);
        },
        async (store) => {
          const [e1, e2, e3] = await store.tasks.targets("t1");
          expect([e1?.sentAt, e1?.ending]).toEqual([1_500, ending("e1")]);
          expect([e2?.sentAt, e2?.ending?.exitCode]).toEqual([1_500, undefined]);
          expect(e3?.sentAt).toBeUndefined();
        },
      ));

    test("are paused, resumed, stopped and ended, each when it can be, and audited when it was", () =>
      fresh(async (store) => {
        await store.tasks.create(task("t1"), targets, entry());
        const stateOf = async (id = "t1") => (await store.tasks.find(id))?.state;
        const acts = async () => (await store.audit.page(20)).map(({ action }) => action).reverse();
        expect(await store.tasks.pause("t1", false, "", entry("resume"))).toBe(false);
        expect(await store.tasks.pause("t1", true, "why", entry("pause"))).toBe(true);
        expect(await store.tasks.pause("t1", true, "why", entry("pause"))).toBe(false);
        expect(await stateOf()).toBe("paused");
        expect(await store.tasks.pause("t1", false, "", entry("resume"))).toBe(true);
        await store.tasks.stop("t1", "stopped", "enough", entry("stop"));
        await store.tasks.stop("t1", "stopped", "enough", entry("stop"));
        await store.tasks.stop("t1", "cancelled", "all", entry("cancel"));
        expect(await store.tasks.pause("t1", true, "", entry("pause"))).toBe(false);
        await store.tasks.end("t1", 5_000);
        await store.tasks.stop("t1", "stopped", "late", entry("stop"));
        expect(await store.tasks.find("t1")).toMatchObject({ state: "cancelled", reason: "all" });
        expect(await acts()).toEqual(["test.act", "pause", "resume", "stop", "cancel"]);
        for (const id of ["t2", "t3"]) await store.tasks.create(task(id), [], entry());
        await store.tasks.pause("t3", true, "", entry());
        for (const id of ["t2", "t3"]) await store.tasks.end(id, 6_000);
        await store.tasks.end("t2", 7_000);
        expect([await stateOf("t2"), await stateOf("t3")]).toEqual(["done", "done"]);
        expect((await store.tasks.find("t2"))?.endedAt).toBe(6_000);
      }));

    test("get other times while they have not ended, and so do orders that are under way", () =>
      fresh(async (store) => {
        const [one, two, three] = targets.map((each) => ({ ...each, sentAt: 1_200 }));
        if (one === undefined || two === undefined || three === undefined) throw new Error("none");
        await store.tasks.create(task("t1"), [one, two, { ...three, sentAt: undefined }], entry());
        await store.tasks.settle("t1", [ending(two.envoyId)]);
        const times = { createdAt: 501_000, expiresAt: 901_000 };
        const sent = [one, two].map(({ envoyId }) => [envoyId, 501_200] as const);
        await store.tasks.retime("t1", times, sent);
        expect(await store.tasks.find("t1")).toEqual({ ...task("t1"), ...times });
        const rows = await store.tasks.targets("t1");
        expect(new Map(rows.map(({ envoyId, sentAt }) => [envoyId, sentAt]))).toEqual(
          new Map([
            [one.envoyId, 501_200],
            [two.envoyId, 1_200],
            [three.envoyId, undefined],
          ]),
        );
        await store.tasks.end("t1", 5_000);
        await store.tasks.retime("t1", { createdAt: 1, expiresAt: 2 }, []);
        expect(await store.tasks.find("t1")).toMatchObject(times);
      }));

    test("go on from batch to batch and never back, and are looked after by others", () =>
      fresh(async (store) => {
        await store.tasks.create(task("t1"), targets, entry());
        await store.tasks.advance("t1", 2);
        await store.tasks.advance("t1", 1);
        expect((await store.tasks.find("t1"))?.batch).toBe(2);
        const check = task("t4", { checkOf: "t1", checkBatch: 2 });
        await store.tasks.create(check, [], entry());
        expect(await store.tasks.checkOf("t1", 2)).toEqual(check);
        expect(await store.tasks.checkOf("t1", 1)).toBeUndefined();
      }));

    test("are listed newest first with their counts, taken up when unfinished, and forgotten", () =>
      fresh(async (store) => {
        for (const id of ["t1", "t2", "t3"]) await store.tasks.create(task(id), targets, entry());
        await store.tasks.settle("t1", [
          ending("e1"),
          ending("e2"),
          ending("e3", { state: "failed" }),
        ]);
        await store.tasks.end("t1", 5_000);
        const unfinished = (await store.tasks.unfinished()).map(({ id }) => id);
        expect(unfinished).toEqual(["t2", "t3"]);
        const page = await store.tasks.page(2, "t3");
        expect(page.map(({ id, counts }) => [id, counts])).toEqual([
          ["t2", { open: 3 }],
          ["t1", { failed: 1, ok: 2 }],
        ]);
        expect((await store.tasks.page(1))[0]?.id).toBe("t3");
        expect([await store.tasks.prune(5_000), await store.tasks.prune(5_001)]).toEqual([0, 1]);
        expect(await store.tasks.targets("t1")).toEqual([]);
        expect(await store.tasks.targets("t2")).toHaveLength(3);
      }));
  });
}
