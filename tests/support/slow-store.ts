/**
 * For `bun test --preload`: each call of a store takes a while, before it begins and after it has ended, as one over a network would, so
 * that others come in between wherever a use case waits. What holds with SQLite, where nobody does, has to hold here.
 */
import { mock } from "bun:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as sqlite from "../../src/modes/server/store/sqlite/open.ts";
import type { Store } from "../../src/modes/server/store/store.ts";

/** Mostly a few milliseconds, now and then many. */
const pause = () => sleep(Math.random() * (Math.random() < 0.1 ? 20 : 3));

function slow<T extends object>(part: T): T {
  const slowed = Object.entries(part).map(([name, own]) => {
    if (typeof own === "object" && own !== null) return [name, slow(own)];
    // Who closes it does not come back.
    if (typeof own !== "function" || name === "close") return [name, own];
    const later = async (...words: readonly unknown[]) => {
      await pause();
      try {
        return await own(...words);
      } finally {
        await pause();
      }
    };
    return [name, later];
  });
  return Object.fromEntries(slowed) as T;
}

const { openStore } = sqlite;
await mock.module("../../src/modes/server/store/sqlite/open.ts", () => ({
  ...sqlite,
  openStore: async (file: string): Promise<Store> => slow(await openStore(file)),
}));
