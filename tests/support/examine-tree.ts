/** Examines a stacks tree in a process of its own and says what it found and what it cost: for tests of hostile trees. */
import * as files from "node:fs/promises";
import { examineTree } from "../../src/core/policy-tests/examine.ts";
import { loadTree } from "../../src/core/policy/load.ts";
import { printProblem } from "../../src/core/problem.ts";
import { resources } from "../../src/core/resources/index.ts";
import { sampleTraits } from "./sample-traits.ts";

export interface Cost {
  readonly problems: readonly string[];
  /** Of the processor: others may be at work too. */
  readonly seconds: number;
  /** The most it ever held, with the runtime itself. */
  readonly megabytes: number;
}

async function examine(folder: string): Promise<Cost> {
  const before = process.cpuUsage();
  const { tree, problems } = await loadTree(files, folder);
  const examined = examineTree(tree, { resources, traits: sampleTraits });
  const { user, system } = process.cpuUsage(before);
  return {
    problems: [...problems, ...examined.problems].map(printProblem),
    seconds: (user + system) / 1_000_000,
    megabytes: await mostHeld(),
  };
}

/** In MiB. On Linux `maxRSS` begins with what the process that started this one held; the kernel's own mark does not. */
async function mostHeld(): Promise<number> {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS / 1024;
  const status = await files.readFile("/proc/self/status", "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

if (import.meta.main) process.stdout.write(JSON.stringify(await examine(process.argv[2] ?? ".")));
