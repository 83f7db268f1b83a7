/**
 * A run with nothing to do over N managed files (d: 1,000), as a whole process: `vigo agent apply`, `vigo agent run --offline`, and beside
 * them cf-agent, puppet apply and `sha256sum -c` of the same files, as far as they are installed. The files have the same
 * content, owner and mode for all. Then the same run inside a daemon that watches, and what that costs when nothing happens.
 * Usage: bun bench/noop.ts [FILES] [ROUNDS]; VIGO_BINARY names the executable (d: dist/vigo).
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "../src/core/converge/report.ts";
import { type Contender, measure, median } from "./support/measure.ts";
import { fleetOfOne } from "./support/fleet-of-one.ts";
import { table } from "./support/table.ts";

const files = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 7);
const room = await mkdtemp(join(tmpdir(), "vigo-bench-"));
const target = join(room, "target");
const stacks = join(room, "stacks");
const names = Array.from({ length: files }, (_, index) => `file-${index}`);
const content = (name: string) => `${name}\n${"setting = value\n".repeat(20)}`;
const vigo = process.env["VIGO_BINARY"] ?? join(process.cwd(), "dist", "vigo");
/** What changed a moment ago is looked at in full. */
const restMs = 2_500;
const idleMs = 20_000;
/** A daemon checks in within 30 s of its start, and then every five minutes: that is not nothing. */
const firstCheckInMs = 36_000;

async function policy(): Promise<void> {
  await mkdir(join(stacks, "configcrates"), { recursive: true });
  const resources = names.map(
    (name) =>
      `  - {type: file, target_path: ${join(target, name)}, mode: 0644, content: ${JSON.stringify(content(name))}}`,
  );
  await writeFile(
    join(stacks, "configcrates", "files.vgo"),
    `configcrate: files\nresources:\n${resources.join("\n")}\n`,
  );
  await writeFile(join(stacks, "envoys.vgo"), 'envoys:\n  - {match: "*", configcrates: [files]}\n');
}

const installed = (tool: string) => Bun.which(tool) !== null;

async function cfengine(): Promise<Contender> {
  const promises = names.map(
    (name) =>
      `    "${join(target, name)}" create => "true", perms => m("0644"), content => ${JSON.stringify(content(name)).replaceAll("\\n", "\n")};`,
  );
  const text = `body perms m(mode) { mode => "$(mode)"; }\nbody common control { bundlesequence => { "main" }; }\nbundle agent main {\n  files:\n${promises.join("\n")}\n}\n`;
  const path = join(room, "main.cf");
  await writeFile(path, text);
  await chmod(path, 0o600);
  return { name: "cf-agent", argv: ["cf-agent", "-KIf", path] };
}

async function puppet(): Promise<Contender> {
  const resources = names.map(
    (name) =>
      `file { '${join(target, name)}': mode => '0644', content => ${JSON.stringify(content(name))} }`,
  );
  const path = join(room, "main.pp");
  await writeFile(path, resources.join("\n"));
  return { name: "puppet apply", argv: ["puppet", "apply", path] };
}

async function sums(): Promise<Contender> {
  const lines = names.map(
    (name) =>
      `${new Bun.CryptoHasher("sha256").update(content(name)).digest("hex")}  ${join(target, name)}`,
  );
  const path = join(room, "sums");
  await writeFile(path, `${lines.join("\n")}\n`);
  return { name: "sha256sum -c", argv: ["sha256sum", "--quiet", "-c", path] };
}

/** From /proc/PID, proc(5): processor time in ms, and how often its main thread was woken. */
async function spentBy(pid: number) {
  const stat = await Bun.file(`/proc/${pid}/stat`).text();
  const [user = 0, system = 0] = stat.split(") ")[1]?.split(" ").slice(11, 13).map(Number) ?? [];
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const switches = Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]);
  return { ms: (user + system) * 10, switches };
}

async function insideDaemon(home: string) {
  const daemon = Bun.spawn([vigo, "agent", "daemon", "--watch", "--home", home], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: Bun.file(join(room, "daemon.log")),
  });
  const started = performance.now();
  try {
    await Bun.sleep(5_000);
    const durations: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const asked = [vigo, "agent", "run", "--offline", "--json", "--home", home];
      const report = JSON.parse(await new Response(Bun.spawn(asked).stdout).text()) as RunReport;
      durations.push(report.duration_ms);
    }
    await Bun.sleep(Math.max(restMs, firstCheckInMs - (performance.now() - started)));
    const before = await spentBy(daemon.pid);
    await Bun.sleep(idleMs);
    const after = await spentBy(daemon.pid);
    const [idle, switches] = [after.ms - before.ms, after.switches - before.switches];
    return { runMs: median(durations), idleMs: idle, switches };
  } finally {
    daemon.kill("SIGTERM");
    await daemon.exited;
  }
}

try {
  await mkdir(target);
  await policy();
  const apply = [vigo, "agent", "apply", stacks, "--home", join(room, "apply")];
  const fleet = await fleetOfOne(vigo, join(room, "fleet"), stacks);
  const contenders: Contender[] = [
    { name: "vigo agent apply", argv: apply },
    {
      name: "vigo agent run --offline",
      argv: [vigo, "agent", "run", "--offline", "--home", fleet.agentHome],
    },
    await sums(),
  ];
  if (installed("cf-agent")) contenders.push(await cfengine());
  if (installed("puppet")) contenders.push(await puppet());
  await measure(contenders.slice(0, 2), 1);
  await Bun.sleep(restMs);
  const figures = await measure(contenders, rounds);
  const inside = await insideDaemon(fleet.agentHome);
  await fleet.stop();
  const base = figures[0]?.wallMs ?? Number.NaN;
  process.stdout.write(
    `no-op over ${files} files, medians of ${rounds} runs, whole processes\n\n${table(
      ["", "wall ms", "× vigo apply", "cpu ms", "peak MiB"],
      figures.map((one) => [one.name, one.wallMs, one.wallMs / base, one.cpuMs, one.peakMb]),
    )}\n\ninside a daemon that watches: ${inside.runMs} ms; when nothing happens: ${inside.idleMs} ms of processor time in ${idleMs / 1000} s, ${inside.switches} wake-ups\n`,
  );
} finally {
  await rm(room, { recursive: true, force: true });
}
