/**
 * What the daemons cost when nothing happens: time to `server ready` at the first and at a later start, memory of server and agent after a
 * run over N files (d: 1,000). Anonymous memory is what a second process of the same program would add. Usage: bun bench/idle.ts [FILES]
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fleetOfOne } from "./support/fleet-of-one.ts";
import { memoryOf } from "./support/memory.ts";
import { table } from "./support/table.ts";

const files = Number(process.argv[2] ?? 1000);
const room = await mkdtemp(join(tmpdir(), "vigo-bench-"));
const vigo = join(process.cwd(), "dist", "vigo");
const stacks = join(room, "stacks");

async function policy(): Promise<void> {
  await mkdir(join(stacks, "configcrates"), { recursive: true });
  const target = join(room, "target");
  const lines = Array.from(
    { length: files },
    (_, index) =>
      `  - {type: file, target_path: ${target}/file-${index}, content: "${index}", depends_on: all}`,
  );
  await writeFile(
    join(stacks, "configcrates", "files.vgo"),
    `configcrate: files\nresources:\n  - {name: all, type: directory, target_path: ${target}}\n${lines.join("\n")}\n`,
  );
  await writeFile(join(stacks, "envoys.vgo"), 'envoys:\n  - {match: "*", configcrates: [files]}\n');
}

try {
  await policy();
  const fleet = await fleetOfOne(vigo, join(room, "fleet"), stacks);
  const agent = Bun.spawn([vigo, "agent", "daemon", "--home", fleet.agentHome], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: Bun.file(join(room, "agent.log")),
  });
  await Bun.sleep(8_000);
  const rows = [
    ["server", ...Object.values(await memoryOf(fleet.serverPid))],
    ["agent after a run", ...Object.values(await memoryOf(agent.pid))],
  ];
  agent.kill("SIGTERM");
  await agent.exited;
  await fleet.stop();
  process.stdout.write(
    `server ready: ${Math.round(fleet.readyMs)} ms\n\n${table(["", "anonymous MiB", "resident MiB"], rows)}\n`,
  );
} finally {
  await rm(room, { recursive: true, force: true });
}
