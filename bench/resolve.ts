/**
 * What a publish costs, and what each envoy of a fleet then costs the server, against the least one could do with the same
 * text: read the YAML, print and hash the JSON. Usage: bun bench/resolve.ts [ENVOYS] [CONFIGCRATES]
 */
import { mkdtemp, rm } from "node:fs/promises";
import files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { type Bundle, bundleFor, compile } from "../src/core/bundle/compile.ts";
import { sha256 } from "../src/core/pki/keys.ts";
import type { Tree } from "../src/core/policy/model.ts";
import { printProblem } from "../src/core/problem.ts";
import { publishTree } from "../src/core/publish/publish.ts";
import { resources } from "../src/core/resources/index.ts";
import { traits } from "../src/core/traits/index.ts";
import { fleet, fleetTree } from "./support/fleet-policy.ts";
import { table } from "./support/table.ts";

const envoys = Number(process.argv[2] ?? 1000);
const crates = Number(process.argv[3] ?? 200);
const rounds = 5;
const registries = { resources, traits };
const tree = fleetTree(crates);
const subjects = fleet(envoys);

/** Median milliseconds. */
function time(work: () => unknown, times = rounds): number {
  const taken = Array.from({ length: times }, () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  });
  return taken.sort((a, b) => a - b)[Math.floor(times / 2)] ?? Number.NaN;
}

function policyOf(read: Tree) {
  const { policy, problems } = compile(read, registries);
  if (policy === undefined || problems.length > 0)
    throw new Error(problems.slice(0, 5).map(printProblem).join("\n"));
  return policy;
}

function bundle(policy: ReturnType<typeof policyOf>, index: number): Bundle {
  const subject = subjects[index];
  if (!subject) throw new Error("no such envoy");
  const made = bundleFor(policy, subject, registries);
  if (made.kind === "unresolved") throw new Error(made.problems.map(printProblem).join("\n"));
  return made;
}

const texts = [...tree.files.values()].map((bytes) => new TextDecoder().decode(bytes));
const yaml = time(() => texts.map((text) => parseDocument(text).toJS()));
const gates = time(() => policyOf(tree));

async function put(): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), "vigo-bench-"));
  const began = performance.now();
  const publication = { tree, actor: "bench", message: "", source: "bench", now: new Date() };
  await publishTree(files, home, publication, { self: "bench", isAlive: () => true });
  const taken = performance.now() - began;
  await rm(home, { recursive: true });
  return taken;
}
const disk = await put();

/** Nobody has been resolved from these yet. */
const fresh = Array.from({ length: rounds }, () => policyOf(tree));
const first = time(() => bundle(fresh.pop() ?? policyOf(tree), 0));
const policy = policyOf(tree);
const sample = bundle(policy, 0);
const least = time(() => sha256(JSON.stringify(sample.body)));
const again = time(() => bundle(policy, 0), 101);
Bun.gc(true);
const memory = process.memoryUsage().rss;
const began = performance.now();
const seen = new Set(
  subjects.map((_, index) => Buffer.from(bundle(policy, index).encoded.digest).toString("hex")),
);
const all = performance.now() - began;
Bun.gc(true);
const grown = (process.memoryUsage().rss - memory) / envoys / 1024;
const settled = time(() => subjects.map((_, index) => bundle(policy, index)));

console.log(
  `${envoys} envoys × ${crates} configcrates: ${sample.body.resources.length} resources and ${Math.round(sample.encoded.bytes.length / 1024)} KiB a bundle, ${seen.size} bundles in all\n`,
);
console.log(
  table(
    ["work", "ms", "ratio"],
    [
      ["read the YAML alone", yaml, "1"],
      ["publish: every gate", gates, `${(gates / yaml).toFixed(2)} × YAML`],
      ["publish: onto the disk", disk, `${(disk / yaml).toFixed(2)} × YAML`],
      ["print and hash one bundle alone", least, "1"],
      ["the first envoy", first, `${(first / least).toFixed(1)} × printing`],
      [
        "each envoy of the fleet, first time",
        all / envoys,
        `${(all / envoys / least).toFixed(2)} × printing`,
      ],
      [
        "each envoy, nothing moved",
        settled / envoys,
        `${(settled / envoys / least).toFixed(3)} × printing`,
      ],
      ["one envoy again", again, `${(again / least).toFixed(3)} × printing`],
      ["the whole fleet, first time", all, ""],
    ],
  ),
);
console.log(`\nmemory kept for each envoy: ${Math.round(grown)} KiB`);
