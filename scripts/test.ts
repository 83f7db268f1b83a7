/**
 * Runs the stages of `scripts/test.sh`, all of them even when one fails, and counts: a check is one, a test file's tests are as
 * many as it has. The lab runs beside the others. What is left out on this machine is said, never silent.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { accelerator } from "../tests/vm/qemu.ts";
import { TestLog } from "./test-log.ts";

const { values } = parseArgs({
  options: { fast: { type: "boolean", default: false }, all: { type: "boolean", default: false } },
});
const { fast, all } = values;
const root = process.getuid?.() === 0;
const debian = (await Bun.file("/etc/debian_version").exists()) && Bun.which("apt-get") !== null;
const room = await mkdtemp(join(tmpdir(), "vigo-test-"));
const notes = join(room, "proven.jsonl");
const env = {
  ...process.env,
  VIGO_PROVEN: notes,
  // Nothing of it is shown where all goes well.
  VIGO_TEST_LOG: "1",
  ...(all ? { VIGO_TEST_ALL: "1" } : {}),
};
const say = (...lines: readonly string[]) =>
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));

interface Count {
  readonly passed: number;
  readonly failed: number;
  /** Where to look, when that is known better than by the stage. */
  readonly where?: readonly string[];
}
const total = { passed: 0, failed: 0 };
const broken: string[] = [];

async function stage(name: string, work: () => Promise<Count>): Promise<void> {
  say("", `── ${name}`);
  const started = performance.now();
  const { passed, failed, where = [] } = await work();
  total.passed += passed;
  total.failed += failed;
  if (failed > 0 || passed === 0) broken.push([name, ...where].join(" "));
  if (failed === 0 && passed === 0) total.failed++;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`── ${name}: ${passed} passed, ${failed} failed (${seconds} s)`);
}

/** Runs it to its end; each line that it prints, from both of its mouths and in the order they came, is told. */
async function exec(argv: readonly string[], told: (line: string) => void): Promise<number> {
  const child = Bun.spawn(["sh", "-c", 'exec "$@" 2>&1', "sh", ...argv], {
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  for await (const line of createInterface(Readable.fromWeb(child.stdout))) told(line);
  return child.exited;
}

/** What it prints stands together, whatever runs meanwhile. */
async function worked(...argv: string[]): Promise<boolean> {
  const lines: string[] = [];
  const code = await exec(argv, (line) => lines.push(line));
  say(...lines);
  return code === 0;
}

const one = (good: boolean): Count => ({ passed: Number(good), failed: Number(!good) });

/** One command, one check. */
const check = (name: string, ...argv: string[]) =>
  stage(name, async () => one(await worked(...argv)));

/** Tests below the given folders; a crash of the runner is a failure even when it counted none. */
const tests = (name: string, folders: readonly string[], ...flags: string[]) =>
  stage(name, async () => {
    const log = new TestLog(performance.now.bind(performance));
    const code = await exec(["bun", "test", ...flags, ...folders], (line) =>
      say(...log.take(line)),
    );
    say(...log.end());
    const { pass, fail, skip } = log.counts;
    if (skip > 0) say(`   ${skip} skipped`);
    const left = isWhole(name) ? skip : 0;
    const failed = fail === 0 && code !== 0 ? 1 : fail;
    return {
      passed: pass,
      failed: failed + left,
      where: left > 0 ? [...log.failed, `${left} left out`] : log.failed,
    };
  });

/** May nothing of it be left out? As root on Debian what it stands on was installed; the lab has its long forms. */
const isWhole = (name: string) => root && debian && !["lab", "virtual machine"].includes(name);

/** Generated code in a temporary folder must equal what is committed. */
const generated = () =>
  stage("generated code is fresh", async () => {
    const out = join(room, "gen");
    await mkdir(out);
    const made = await worked("bun", "--bun", "x", "buf", "generate", "-o", out);
    return one(
      made && (await worked("diff", "-r", join(out, "src/core/wire/gen"), "src/core/wire/gen")),
    );
  });

/** Debian packages that some stages stand on; nothing is installed that is there. */
async function packages(...names: string[]): Promise<void> {
  const missing = names.filter((name) => {
    const { stdout } = Bun.spawnSync(["dpkg-query", "--status", name], { stderr: "ignore" });
    return !stdout.toString().includes("\nStatus: install ok installed\n");
  });
  if (missing.length === 0) return;
  say("", `installing ${missing.join(" ")}`);
  const apt = { ...env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (...argv: string[]) =>
    Bun.spawn(argv, { env: apt, stdin: "ignore", stdout: "ignore", stderr: "inherit" }).exited;
  await run("apt-get", "update", "-qq");
  const code = await run("apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing);
  if (code !== 0)
    say(
      `apt-get could not install ${missing.join(" ")}: what needs them is left out, and that counts as a failure`,
    );
}

const lab = root && debian && !fast;
/** Without the processor's help it boots in minutes: too long for a run before each release. */
const vm = lab && process.arch === "x64" && (all || accelerator() === "kvm");
if (root && debian)
  await packages(
    // What tests hold ours against; without them they would be left out.
    ...[
      "openssl",
      "curl",
      "git",
      "patch",
      "tar",
      "zip",
      "unzip",
      "bzip2",
      "xz-utils",
      "zstd",
      "lz4",
      "tinyproxy",
    ],
    ...["zsh", "fish", "e2fsprogs", "mono-mcs"],
    // promtool, for metrics and alert rules.
    "prometheus",
    ...(lab
      ? ["debootstrap", "systemd-container", "iproute2", "dpkg-dev", "qemu-user-static"]
      : []),
    ...(vm ? ["qemu-system-x86", "fdisk"] : []),
  );

await check("format", "bun", "fmt", "--check");
await check("types", "bun", "check");
await check("lint", "bun", "--bun", "x", "biome", "lint", "--error-on-warnings");
await check("unused code", "bun", "--bun", "x", "knip");
await check("wire lint", "bun", "--bun", "x", "buf", "lint");
await generated();
await check("what is said to be proven", "bun", "scripts/proven.ts", "--check");
await check("reference is fresh", "bun", "scripts/docs.ts", "--check");
await check("build", "bun", "scripts/compile.ts");

/** What needs nothing of this machine but a processor. */
async function everywhere(): Promise<void> {
  await tests(
    "tests",
    [
      "tests/arch",
      "tests/unit",
      "tests/resources",
      "tests/traits",
      "tests/golden",
      "tests/integration",
      "tests/security",
      "tests/api.test.ts",
    ],
    all ? "--timeout=900000" : "--timeout=60000",
  );
  await tests("the executable", ["tests/e2e"], "--timeout=120000");
  await check("demo", "sh", "scripts/demo.sh", "--once");
  if (fast) return;
  await check("every target", "sh", "scripts/compile-targets.sh");
  await tests("every target's executable", ["tests/targets"], "--timeout=300000");
}

/** What needs real hosts. */
async function inTheLab(): Promise<void> {
  await tests("lab", ["tests/lab"], all ? "--timeout=3600000" : "--timeout=600000");
  if (vm) await tests("virtual machine", ["tests/vm"], "--timeout=3600000");
  else say("", "the virtual machine is left out: it needs x86-64 and KVM, or --all and patience");
}

if (!lab) {
  await everywhere();
  say("", `the lab is left out: ${fast ? "--fast" : "it needs root on Debian"}`);
} else {
  // Each of the two keeps one processor busy at most. The long runs want the machine for themselves.
  if (all || availableParallelism() < 2) {
    await everywhere();
    await inTheLab();
  } else await Promise.all([everywhere(), inTheLab()]);
  const part = all ? [] : ["--part"];
  const ran = ["--check", "--ran", notes, ...part];
  await check("where types were proven", "bun", "scripts/proven.ts", ...ran);
}

await rm(room, { recursive: true, force: true });
if (broken.length > 0) say("", `not right: ${broken.join(", ")}`);
say("", `${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
