import { expect, test } from "bun:test";
import { TicketTimes } from "../../../src/modes/server/policy/ticket-times.ts";

function facts() {
  const kept = new Map<string, string>();
  let writes = 0;
  return {
    get: async (key: string) => kept.get(key),
    set: async (key: string, value: string) => {
      writes++;
      kept.set(key, value);
    },
    writes: () => writes,
  };
}

test("no ticket is issued before one that the envoy has, of this process or one before", async () => {
  const meta = facts();
  const first = await TicketTimes.open(meta, 1_000);
  expect([first.next(1_000_000, 0), first.next(900_000, 1_000_000)]).toEqual([
    1_000_000, 1_000_000,
  ]);
  await first.note(meta);
  // Issued in the seconds before it was killed, and not noted.
  const last = first.next(1_004_999, 0);
  const second = await TicketTimes.open(meta, 20_000);
  const issued = second.next(20_000, 0);
  expect(issued).toBeGreaterThanOrEqual(last);
  await second.note(meta);
  const third = await TicketTimes.open(meta, 30_000);
  expect(third.next(30_000, 0)).toBeGreaterThanOrEqual(issued);
});

test("a clock that goes on as it should leaves tickets their time", async () => {
  const meta = facts();
  const first = await TicketTimes.open(meta, 1_000);
  first.next(2_000, 0);
  for (let again = 0; again < 3; again++) await first.note(meta);
  expect(meta.writes()).toBe(1);
  expect((await TicketTimes.open(meta, 3_000)).next(3_000, 0)).toBe(3_000);
});
