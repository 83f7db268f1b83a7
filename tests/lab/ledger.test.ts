import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { clearLeftovers } from "./ledger.ts";
import { noLab } from "./lab.ts";
import { eventually, isAlive, outside, type ProcessId } from "./outside.ts";

const why = noLab();

/** A process with a lab of its own, that waits to be stopped. */
async function another() {
  const program = `const { bootHosts } = await import(${JSON.stringify(new URL("lab.ts", import.meta.url).href)});
    const { hosts: [host] } = await bootHosts(1);
    const id = (await host.sh("cat /proc/sys/kernel/random/boot_id")).trim();
    console.log(id);
    setInterval(() => {}, 1_000);`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdin: "ignore", stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toMatch(/^[0-9a-f-]{36}\n$/);
  const ledgers = outside(
    "sh",
    "-c",
    "grep -l '\"pid\":'$1, /run/vigo-lab/*.json",
    "sh",
    String(child.pid),
  );
  const entries = JSON.parse(readFileSync(ledgers.trim(), "utf8")) as {
    readonly processes: readonly ProcessId[];
    readonly networks: readonly string[];
    readonly folders: readonly string[];
  };
  /** What of it is still there. */
  const left = () => {
    const mounts = readFileSync("/proc/self/mountinfo", "utf8");
    const networks = outside("ip", "netns");
    return [
      ...entries.processes.filter(isAlive).map(({ pid }) => `process ${pid}`),
      ...entries.networks.filter((name) => networks.includes(name)),
      ...entries.folders.filter((path) => mounts.includes(path)),
    ];
  };
  expect(left().length).toBeGreaterThan(4);
  return { child, left };
}

describe.skipIf(why !== undefined)("a lab whose process", () => {
  test("is told to stop is cleared away by itself", async () => {
    const { child, left } = await another();
    child.kill("SIGTERM");
    await child.exited;
    await eventually("nothing is left", 5_000, () => (left().length === 0 ? true : undefined));
  }, 60_000);

  test("is killed is cleared away by the next one", async () => {
    const { child, left } = await another();
    child.kill("SIGKILL");
    await child.exited;
    expect(left().length).toBeGreaterThan(4);
    clearLeftovers();
    await eventually("nothing is left", 5_000, () => (left().length === 0 ? true : undefined));
  }, 60_000);

  test("still runs is left alone", async () => {
    const { child, left } = await another();
    const before = left();
    clearLeftovers();
    expect(left()).toEqual(before);
    child.kill("SIGTERM");
    await child.exited;
  }, 60_000);
});
