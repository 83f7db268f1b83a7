import { afterEach, expect, spyOn, test } from "bun:test";
import { hashPassword, isPassword } from "../../../src/modes/server/password.ts";

const verify = Bun.password.verify.bind(Bun.password);
const spy = spyOn(Bun.password, "verify");
afterEach(() => spy.mockReset());

test("passwords are hashed with argon2id, and recognised", async () => {
  spy.mockImplementation(verify);
  const hash = await hashPassword("correct horse battery");
  expect(hash).toStartWith("$argon2id$v=19$m=65536,");
  expect(await isPassword("correct horse battery", hash)).toBe(true);
  expect(await isPassword("correct horse batterz", hash)).toBe(false);
});

test("at most two are looked at at a time, in order, and too many are turned away", async () => {
  const ends: (() => void)[] = [];
  let [running, highest] = [0, 0];
  spy.mockImplementation(async () => {
    highest = Math.max(highest, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
    return true;
  });
  const all = Array.from({ length: 210 }, (_, n) =>
    isPassword(String(n), "hash").then(
      () => "done",
      (refusal: Error) => refusal.message,
    ),
  );
  let ended = 0;
  while (ended < 202) {
    await Bun.sleep(0);
    for (const end of ends.splice(0)) {
      end();
      ended++;
    }
  }
  const outcomes = await Promise.all(all);
  expect(highest).toBe(2);
  expect(spy.mock.calls.map(([given]) => Number(given))).toEqual(
    Array.from({ length: 202 }, (_, n) => n),
  );
  expect(outcomes.filter((one) => one === "done")).toHaveLength(202);
  expect(new Set(outcomes.slice(202))).toEqual(new Set(["too many people log in at once"]));
});

test("one that fails makes room for the next", async () => {
  spy.mockImplementation(() => Promise.reject(new Error("no memory")));
  const failing = Array.from({ length: 5 }, () => isPassword("x", "y"));
  for (const { status } of await Promise.allSettled(failing)) expect(status).toBe("rejected");
  spy.mockImplementation(async () => true);
  expect(await isPassword("x", "y")).toBe(true);
});
