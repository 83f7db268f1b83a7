import { expect, test } from "bun:test";
import { Queue } from "../../../src/modes/agent/queue.ts";

/** A run that ends when it is told to. */
function gated() {
  const gates: (() => void)[] = [];
  let under = 0;
  let most = 0;
  const queue = new Queue(async () => {
    most = Math.max(most, ++under);
    await new Promise<void>((resolve) => gates.push(resolve));
    under--;
    return gates.length;
  });
  const open = async () => {
    while (gates.length === 0) await Promise.resolve();
    gates.shift()?.();
  };
  return { queue, gates, open, most: () => most };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("triggers during a run make exactly one more", async () => {
  const { queue, gates, open, most } = gated();
  const first = queue.trigger();
  await settle();
  const later = [queue.trigger(), queue.trigger(), queue.trigger()];
  expect(new Set(later).size).toBe(1);
  await open();
  await first;
  await settle();
  expect(gates.length).toBe(1);
  await open();
  await Promise.all(later);
  await settle();
  expect([gates.length, most()]).toEqual([0, 1]);
});

test("a run with a wish of its own waits its turn", async () => {
  const { queue, open } = gated();
  const order: string[] = [];
  const first = queue.trigger().then(() => order.push("ordinary"));
  const own = queue.add(async () => order.push("own"));
  await open();
  await Promise.all([first, own]);
  expect(order).toEqual(["ordinary", "own"]);
});

test("one that fails is its caller's to hear of, and the next goes on", async () => {
  let times = 0;
  const queue = new Queue(async () => {
    if (++times === 1) throw new Error("bang");
    return times;
  });
  const first = queue.trigger();
  await expect(first).rejects.toThrow("bang");
  expect(await queue.trigger()).toBe(2);
  await queue.idle();
});
