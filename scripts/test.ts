/**
 * Runs the stages of `scripts/test.sh` in turn, all of them even when one fails, and counts: a check is one, a test file's
 * tests are as many as it has. What is left out on this machine is said, never silent.
 */
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { accelerator } from "../tests/vm/qemu.ts";

const { values } = parseArgs({
  options: { fast: { type: "boolean", default: false }, all: { type: "boolean", default: false } },
});
const { fast, all } = values;
const root = process.getuid?.() === 0;
const debian = (await Bun.file("/etc/debian_version").exists()) && Bun.which("apt-get") !== null;
const room = await mkdtemp(join(tmpdir(), "vigo-test-"));
const notes = join(room, "proven.jsonl");
const env = { ...process.env, VIGO_PROVEN: notes, ...(all ? { VIGO_TEST_ALL: "1" } : {}) };
const say = (text: string) => process.stdout.write(`${text}\n`);

interface Count {
  readonly passed: number;
  readonly failed: number;
}
const total = { passed: 0, failed: 0 };
const broken: string[] = [];

async function stage(name: string, work: () => Promise<Count>): Promise<void> {
  say(`\n── ${name}`);
  const started = performance.now();
  const { passed, failed } = await work();
  total.passed += passed;
  total.failed += failed;
  if (failed > 0 || passed === 0) broken.push(name);
  if (failed === 0 && passed === 0) total.failed++;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`── ${name}: ${passed} passed, ${failed} failed (${seconds} s)`);
}

async function exec(...argv: string[]): Promise<number> {
  return Bun.spawn(argv, { env, stdin: "ignore", stdout: "inherit", stderr: "inherit" }).exited;
}

/** One command, one check. */
const check = (name: string, ...argv: string[]) =>
  stage(name, async () =>
    (await exec(...argv)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 },
  );

/** Tests below the given folders; a crash of the runner is a failure even when it counted none. */
const tests = (name: string, folders: readonly string[], ...flags: string[]) =>
  stage(name, async () => {
    const report = join(room, `${name.replaceAll(/\W/g, "-")}.xml`);
    const code = await exec(
      "bun",
      "test",
      ...flags,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...folders,
    );
    const text = await readFile(report, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    const [, ran = 0, failures = 0, skipped = 0] =
      /<testsuites[^>]*?\btests="(\d+)"[^>]*?\bfailures="(\d+)"[^>]*?\bskipped="(\d+)"/
        .exec(text)
        ?.map(Number) ?? [];
    const failed = failures === 0 && code !== 0 ? 1 : failures;
    if (skipped > 0) say(`   ${skipped} skipped`);
    return { passed: ran - failures - skipped, failed };
  });

/** Generated code in a temporary folder must equal what is committed. */
const generated = () =>
  stage("generated code is fresh", async () => {
    const out = join(room, "gen");
    await mkdir(out);
    const made = await exec("bun", "--bun", "x", "buf", "generate", "-o", out);
    const same =
      made === 0 &&
      (await exec("diff", "-r", join(out, "src/core/wire/gen"), "src/core/wire/gen")) === 0;
    return same ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  });

/** Debian packages that some stages stand on; nothing is installed that is there. */
async function packages(...names: string[]): Promise<void> {
  const missing = names.filter((name) => {
    const { stdout } = Bun.spawnSync(["dpkg-query", "--status", name], { stderr: "ignore" });
    return !stdout.toString().includes("\nStatus: install ok installed\n");
  });
  if (missing.length === 0) return;
  say(`\ninstalling ${missing.join(" ")}`);
  const apt = { ...env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (...argv: string[]) =>
    Bun.spawn(argv, { env: apt, stdin: "ignore", stdout: "ignore", stderr: "inherit" }).exited;
  await run("apt-get", "update", "-qq");
  const code = await run("apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing);
  if (code !== 0)
    say(`apt-get could not install ${missing.join(" ")}: what needs them will fail and say so`);
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
    ...["zsh", "fish"],
    // promtool, for metrics and alert rules.
    "prometheus",
    ...(lab
      ? ["debootstrap", "systemd-container", "iproute2", "dpkg-dev", "qemu-user-static"]
      : []),
    ...(vm ? ["qemu-system-x86", "fdisk", "e2fsprogs"] : []),
  );

await check("format", "bun", "fmt", "--check");
await check("types", "bun", "check");
await check("lint", "bun", "--bun", "x", "biome", "lint", "--error-on-warnings");
await check("unused code", "bun", "--bun", "x", "knip");
await check("wire lint", "bun", "--bun", "x", "buf", "lint");
await generated();
await check("what is said to be proven", "bun", "scripts/proven.ts", "--check");
await check("reference is fresh", "bun", "scripts/docs.ts", "--check");
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
await check("build", "bun", "scripts/compile.ts");
await tests("the executable", ["tests/e2e"], "--timeout=120000");
await check("demo", "sh", "scripts/demo.sh", "--once");
if (!fast) {
  await check("every target", "sh", "scripts/compile-targets.sh");
  await tests("every target's executable", ["tests/targets"], "--timeout=300000");
}
if (lab) {
  await tests("lab", ["tests/lab"], all ? "--timeout=3600000" : "--timeout=600000");
  if (vm) await tests("virtual machine", ["tests/vm"], "--timeout=3600000");
  else say("\nthe virtual machine is left out: it needs x86-64 and KVM, or --all and patience");
  const part = all ? [] : ["--part"];
  await check(
    "where types were proven",
    "bun",
    "scripts/proven.ts",
    "--check",
    "--ran",
    notes,
    ...part,
  );
} else say(`\nthe lab is left out: ${fast ? "--fast" : "it needs root on Debian"}`);

await rm(room, { recursive: true, force: true });
if (broken.length > 0) say(`\nnot right: ${broken.join(", ")}`);
say(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
