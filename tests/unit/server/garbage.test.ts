/** When the garbage of calls is collected. */
import { expect, test } from "bun:test";
import { collecting } from "../../../src/modes/server/grpc/garbage.ts";

test("what is new once for a thousand calls, all of it where much has come, nothing when nothing happens", () => {
  let [begun, resident] = [7, 100];
  const done: string[] = [];
  const look = collecting(() => begun, {
    some: () => done.push("some"),
    all: () => done.push("all"),
    resident: () => resident * 1024 * 1024,
  });
  const after = (calls: number, megabytes = 0) => {
    begun += calls;
    resident += megabytes;
    look();
    return done.splice(0).join();
  };
  expect([after(0), after(999), after(1), after(0), after(999), after(4_001)]).toEqual([
    ...["", "", "some", "", "", "some"],
  ]);
  expect([after(999, 39), after(1), after(1_000, 1), after(1_000), after(0, 40)]).toEqual([
    ...["", "some", "all", "some", ""],
  ]);
});
