/**
 * Notes what was proven on which machine, for `scripts/proven.ts`, which makes the manual's column of it. A line is written after
 * the proof, so what failed is not in it. Must not know types.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Machine } from "./machine.ts";

/** These types did what they say on this machine. */
export function proven(machine: Machine, ...types: readonly string[]): void {
  const path = process.env["VIGO_PROVEN"] ?? "dist/proven.jsonl";
  mkdirSync(dirname(path), { recursive: true });
  const lines = types.map((type) => `${JSON.stringify({ type, place: machine.kind })}\n`);
  appendFileSync(path, lines.join(""));
}
