import { expect, test } from "bun:test";
import type { Log } from "../../../src/core/log.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { showTraits } from "../../../src/modes/agent/show-traits.ts";
import { recordedMac } from "../../support/recorded-mac.ts";
import { recordedWindows } from "../../support/recorded-windows.ts";

const told: unknown[] = [];
const note: Log["error"] = (event, fields) => void told.push([event, fields]);
const context = { home: "/nonexistent", log: { info: note, warn: note, error: note } };

test.each([
  ["darwin", () => recordedMac().host],
  ["windows", () => recordedWindows().host],
] as const)("`vigo agent traits` on %s", async (family, machine) => {
  expect(await showTraits(context, "os.family", machine())).toBe(family);
  expect(await showTraits(context, "memory.used_pct", machine())).toBeGreaterThan(0);
  expect(await showTraits(context, "pressure", machine())).toBeNull();
  const all = (await showTraits(context, undefined, machine())) as Record<string, unknown>;
  expect(Object.keys(all).length).toBeGreaterThan(30);
  expect(traits.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(all)));
  expect(told).toEqual([]);
});
