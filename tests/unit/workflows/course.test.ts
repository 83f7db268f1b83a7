import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  isBad,
  membersFor,
  nextOf,
  type Slot,
  slotsOf,
  type Standing,
  type StepEnd,
  stepEnds,
  undoSlotsOf,
} from "../../../src/core/workflows/course.ts";
import { type PinnedStep, scopes, turns } from "../../../src/core/workflows/workflow.ts";

const step = (more: Partial<PinnedStep> = {}): PinnedStep => ({
  kind: "wait",
  name: "s",
  turn: "every",
  targets: "batch",
  timeoutMs: 1,
  until: "true",
  ...(more as object),
});

const keys = (slots: readonly Slot[]) => slots.map(({ key }) => key);

describe("the steps of a run", () => {
  test("are all of them in each batch, but for those that say otherwise", () => {
    const steps = turns.map((turn) => step({ turn }));
    expect(keys(slotsOf({ steps }, 3))).toEqual([
      ...["1.1", "1.2"],
      ...["2.1", "2.3"],
      ...["3.1", "3.3", "3.4"],
    ]);
    expect(keys(slotsOf({ steps }, 1))).toEqual(["1.1", "1.2", "1.4"]);
  });

  const members = [
    { name: "a", batch: 0, failedAt: undefined },
    { name: "b", batch: 0, failedAt: "1.1" },
    { name: "c", batch: 1, failedAt: undefined },
    { name: "d", batch: 1, failedAt: "2.1" },
    { name: "e", batch: 2, failedAt: undefined },
  ];
  test.each([
    ["steps", "batch", "c"],
    ["steps", "failed", "bd"],
    ["steps", "begun", "abcd"],
    ["steps", "all", "abcde"],
    ["on_failure", "batch", "cd"],
    ["on_failure", "failed", "bd"],
    ["on_failure", "begun", "abcd"],
  ] as const)("in %s are for %s: %s", (phase, targets, wanted) => {
    const slot: Slot = { key: "x", phase, batch: 1, step: step({ targets }) };
    const found = membersFor(slot, members).map(({ name }) => name);
    expect(found.join("")).toBe(wanted);
    expect(scopes).toContain(targets);
  });
});

const pinned = { steps: [step(), step(), step({ turn: "last" })], onFailure: [step(), step()] };
const standing: Standing = { state: "running", verdict: undefined, undoBatch: 0 };

/** Goes on as `ends` says, and notes what is done. */
function walk(ends: readonly StepEnd[], abortAt: number, hard: boolean): readonly string[] {
  const steps = new Map<string, StepEnd | "open">();
  const done: string[] = [];
  let now = standing;
  for (let turn = 0; turn < 50; turn++) {
    if (turn === abortAt && now.state === "running")
      now = { state: "undoing", verdict: "aborted", undoBatch: hard ? -1 : 1 };
    const next = nextOf(pinned, 2, now, steps);
    done.push(`${next.kind} ${"slot" in next ? next.slot.key : next.state}`);
    if (next.kind === "end") return done;
    if (next.kind === "begin") steps.set(next.slot.key, "open");
    else if (next.kind === "drop") steps.set(next.slot.key, "aborted");
    else if (next.kind === "undo")
      now = { state: "undoing", verdict: "failed", undoBatch: next.slot.batch };
    else steps.set(next.slot.key, ends[turn % ends.length] ?? "ok");
  }
  return done;
}

describe("what comes next", () => {
  test("is each step, begun and worked on, to the end", () => {
    expect(walk(["ok"], -1, false)).toEqual([
      ...["begin 1.1", "work 1.1", "begin 1.2", "work 1.2", "begin 2.1", "work 2.1"],
      ...["begin 2.2", "work 2.2", "begin 2.3", "work 2.3", "end done"],
    ]);
  });

  test("is to undo when a step fails, and everything there is to undo", () => {
    expect(walk(["failed"], -1, false)).toEqual([
      ...["begin 1.1", "work 1.1", "undo 1.1"],
      ...["begin undo.1", "work undo.1", "begin undo.2", "work undo.2", "end failed"],
    ]);
  });

  test("is to drop what goes on before anything is undone, or nothing else", () => {
    expect(walk(["ok"], 3, false)).toEqual([
      ...["begin 1.1", "work 1.1", "begin 1.2", "drop 1.2"],
      ...["begin undo.1", "work undo.1", "begin undo.2", "work undo.2", "end aborted"],
    ]);
    expect(walk(["ok"], 3, true)).toEqual([
      ...["begin 1.1", "work 1.1", "begin 1.2", "drop 1.2", "end aborted"],
    ]);
  });

  test("begins nothing twice, comes to an end, and goes on past nothing that failed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...stepEnds), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: -1, max: 20 }),
        fc.boolean(),
        (ends, abortAt, hard) => {
          const done = walk(ends, abortAt, hard);
          const begun = done.filter((word) => word.startsWith("begin"));
          expect(new Set(begun).size).toBe(begun.length);
          expect(done.at(-1)).toMatch(/^end (?:done|failed|aborted)$/);
          const undone = done.findIndex((word) => word.startsWith("undo"));
          const later = done.slice(undone + 1).filter((word) => /begin \d/.test(word));
          if (undone !== -1) expect(later).toEqual([]);
          if (abortAt === -1 && !ends.some(isBad)) expect(done.at(-1)).toBe("end done");
        },
      ),
    );
  });

  test("is only what belongs to the failure that is undone", () => {
    expect(keys(undoSlotsOf(pinned, 1))).toEqual(["undo.1", "undo.2"]);
  });
});
