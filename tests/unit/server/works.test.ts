import { expect, test } from "bun:test";
import { Works } from "../../../src/modes/server/works.ts";

test("tells what is under way and how far it is, for as long as it is", async () => {
  let now = 1_000;
  const works = new Works(() => now++);
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let done = 3;
  const plan = works.during("plan", async (part) => {
    part("looking", () => ({ done, all: 8 }));
    return first.promise;
  });
  const backup = works.during("backup", async (part) => {
    part("copying", async () => ({ done: 9, all: 7 }));
    part("nothing", () => ({ done: 0, all: 0 }));
    return second.promise;
  });
  expect(await works.list()).toEqual([
    { what: "plan", startedAt: 1_000, part: "looking", done: 3, all: 8 },
    { what: "backup", startedAt: 1_001, part: "nothing" },
  ]);
  done = 9;
  expect(await works.list()).toMatchObject([{ done: 8, all: 8 }, {}]);
  first.resolve("planned");
  second.reject(new Error("no room"));
  expect(await plan).toBe("planned");
  await expect(backup).rejects.toThrow("no room");
  expect(await works.list()).toEqual([]);
});
