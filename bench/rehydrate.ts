/**
 * How long a server takes to know its fleet again at start, and how much memory an envoy costs. A store is filled with envoys, each
 * with traits, runs and stretches of runs; then a fresh process opens it and loads the fleet. `bun bench/rehydrate.ts [ENVOYS…]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillStore } from "./support/filled-store.ts";
import type { LoadFigures } from "./support/load-fleet.ts";
import { table } from "./support/table.ts";

const sizes = process.argv.slice(2).map(Number);
const rows: string[][] = [];
for (const envoys of sizes.length === 0 ? [1_000, 20_000] : sizes) {
  const folder = await mkdtemp(join(tmpdir(), "vigo-rehydrate-"));
  try {
    const file = join(folder, "vigo.db");
    await fillStore(file, envoys);
    const child = Bun.spawn(
      [process.execPath, join(import.meta.dir, "support/load-fleet.ts"), file],
      {
        stdout: "pipe",
        stderr: "inherit",
      },
    );
    const figures = JSON.parse(await new Response(child.stdout).text()) as LoadFigures;
    const { loaded, wall, cpu, rss, size } = figures;
    if (loaded !== envoys) throw new Error(`${loaded} of ${envoys} envoys were loaded`);
    rows.push([
      String(envoys),
      cpu.toFixed(2),
      wall.toFixed(2),
      ((rss * 1024) / envoys).toFixed(1),
      size.toFixed(0),
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
}
console.log(table(["envoys", "CPU s", "wall s", "KiB an envoy", "database MiB"], rows));
