/** What is done each hour, and what of it waits while the clock cannot be believed. */
import { expect, spyOn, test } from "bun:test";
import { chores } from "../../../src/modes/server/chores.ts";

type Options = Parameters<typeof chores>[0];

test("nothing is forgotten by a clock that is not believed, and all the rest goes on", async () => {
  const timers: (() => void)[] = [];
  const setting = spyOn(globalThis, "setInterval").mockImplementation(((work: () => void) => {
    timers.push(work);
    return timers.length;
  }) as unknown as typeof setInterval);
  const done: string[] = [];
  const note = (what: string) => async () => void done.push(what);
  const giving =
    <T>(what: string, given: T) =>
    async () => {
      done.push(what);
      return given;
    };
  const clock = { isBelieved: false, look: () => {}, note: note("note") };
  const [flush, prune] = [note("flush"), note("prune")];
  const nothing = async () => {};
  const stop = chores({
    ...{ clock, told: {}, flushMs: 1, retentionMs: () => 1, renew: note("renew") },
    fleet: { flush },
    store: {
      runs: { prune: giving("prune", 0) },
      ...{ trend: { prune }, tasks: { prune }, workflows: { prune } },
    },
    forgetSilent: giving("silent", []),
    pruneAlerts: giving("alerts", 0),
    pruneSessions: note("sessions"),
    ...{
      chronicle: nothing,
      noteTickets: nothing,
      noteKnowledge: nothing,
      notePushes: nothing,
      rollouts: nothing,
      tasks: nothing,
      workflows: nothing,
    },
    ...{ observe: nothing, alert: nothing, signAudit: nothing, noteTrend: nothing },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  } as unknown as Options);
  setting.mockRestore();
  const hour = async () => {
    done.length = 0;
    for (const timer of timers) timer();
    await stop();
    return [...done].sort();
  };
  expect(await hour()).toEqual(["flush", "note", "renew", "sessions"]);
  clock.isBelieved = true;
  const all = await hour();
  for (const what of ["alerts", "flush", "prune", "renew", "silent"]) expect(all).toContain(what);
});
