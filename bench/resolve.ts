/**
 * What a publish costs the server, and what a large fleet then does: 500 configcrates of 20 resources, twenty of them an envoy in
 * 200 combinations, one resource in fifty reading the envoy's name or its traits; and one bundle of 1,900 resources. Each size in a
 * process of its own, on the server's own code, a real home and a real store. Usage: bun bench/resolve.ts [ENVOYS…]
 */
import { fileURLToPath } from "node:url";
import { bundleFor, compile } from "../src/core/bundle/compile.ts";
import { resources } from "../src/core/resources/index.ts";
import { traits } from "../src/core/traits/index.ts";
import { fleet, fleetTree } from "./support/fleet-policy.ts";
import type { LargeFleet } from "./support/large-fleet.ts";
import type { ResolveFigures } from "./support/resolve-server.ts";
import { table } from "./support/table.ts";

const given = process.argv.slice(2).map(Number);
const sizes = given.length > 0 ? given : [1_000, 5_000, 10_000, 20_000];
const registries = { resources, traits };

async function figuresOf(envoys: number, reads: LargeFleet["reads"]): Promise<ResolveFigures> {
  const script = fileURLToPath(new URL("support/resolve-server.ts", import.meta.url));
  const child = Bun.spawn([process.execPath, script, String(envoys), reads], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the process did not end well");
  return JSON.parse(text) as ResolveFigures;
}

const row = (reads: LargeFleet["reads"], found: ResolveFigures) => [
  reads,
  found.envoys,
  found.bodies,
  found.compile,
  found.settle,
  (found.compile + found.settle) / 1000,
  found.cpu / 1000,
  found.again,
  found.touch,
  found.touched,
  found.waitCold,
  found.waitAgain,
  found.plans.one,
  found.plans.oneUnknown,
  found.plans.all,
  found.resident,
  found.peak,
];

/** Hosts of one policy, none of them seen before: median milliseconds of a bundle. */
function oneBundle(): readonly [resources: number, milliseconds: number] {
  const { policy } = compile(fleetTree(200), registries);
  if (policy === undefined) throw new Error("the tree is not good");
  const taken: number[] = [];
  let count = 0;
  for (const subject of fleet(150)) {
    const began = performance.now();
    const made = bundleFor(policy, subject, registries);
    taken.push(performance.now() - began);
    if (made.kind === "unresolved") throw new Error(made.problems[0]?.message);
    count = Math.max(count, made.resolved.resources.length);
  }
  const warm = taken.slice(50).sort((a, b) => a - b);
  return [count, warm[Math.floor(warm.length / 2)] ?? Number.NaN];
}

const rows = [];
for (const size of sizes)
  rows.push(row("names and traits", await figuresOf(size, "names and traits")));
rows.push(row("traits", await figuresOf(sizes.at(-1) ?? 1_000, "traits")));
console.log(
  table(
    [
      "2 % of the resources read",
      "envoys",
      "bodies",
      "read and check, cold, ms",
      "resolve and sign all, ms",
      "together, s",
      "CPU, s",
      "one configcrate changed: read and check, ms",
      "resolve and sign, ms",
      "envoys touched",
      "others wait at most, cold, ms",
      "changed, ms",
      "plan of one change, ms",
      "fleet not known yet, ms",
      "plan that touches all, ms",
      "MiB resident",
      "at most",
    ],
    rows,
  ),
);
const [count, milliseconds] = oneBundle();
console.log(
  `\na bundle of ${count} resources for a host not seen before, warm: ${milliseconds.toFixed(2)} ms`,
);
