/** When the garbage of calls is collected. */
import { expect, test } from "bun:test";
import { collecting } from "../../../src/modes/server/grpc/garbage.ts";

test("some of it where a little has come, all of it where much has, nothing where nothing comes", () => {
  let resident = 100;
  const done: string[] = [];
  const look = collecting({
    some: () => done.push("some"),
    all: () => done.push("all"),
    resident: () => resident * 1024 * 1024,
  });
  const at = (megabytes: number) => {
    resident = megabytes;
    look();
    return done.splice(0).join();
  };
  expect([at(100), at(115), at(116), at(131), at(132), at(139)]).toEqual([
    ...["", "", "some", "", "some", ""],
  ]);
  expect([at(140), at(155), at(156), at(179), at(180)]).toEqual(["all", "", "some", "some", "all"]);
  // Many have gone: what comes then is new.
  expect([at(120), at(136), at(160), at(161)]).toEqual(["", "some", "all", ""]);
});
