/**
 * Builds one executable: `bun scripts/compile.ts [TARGET] [--outfile FILE] [--modules FOLDER]`. Without a target for this very
 * machine, into `dist/vigo`. The addons of other platforms are taken from the `node_modules` at `--modules`.
 */
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../package.json" with { type: "json" };
import { knowledgeOf, knowledgeText } from "../src/core/bundle/knowledge.ts";
import { resources } from "../src/core/resources/index.ts";
import { traits } from "../src/core/traits/index.ts";
import { lmdbPlugin } from "./lmdb-plugin.ts";
import { findTarget, hostTarget } from "./targets.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    outfile: { type: "string", default: "dist/vigo" },
    modules: { type: "string", default: "node_modules" },
  },
});
const root = dirname(import.meta.dir);
const target = positionals[0] === undefined ? hostTarget() : findTarget(positionals[0]);
const outfile = resolve(root, values.outfile);

/** Says what was built; a `+` that the tree held more than the commit. */
function commit(): string {
  const git = (...words: string[]) =>
    Bun.spawnSync(["git", ...words], { cwd: root, stderr: "ignore" });
  const head = git("rev-parse", "--short=12", "HEAD");
  if (!head.success) return "unknown";
  const clean =
    git("status", "--porcelain", "--", "src", "package.json", "bun.lock").stdout.length === 0;
  return `${head.stdout.toString().trim()}${clean ? "" : "+"}`;
}

/** As the bundler names it. */
const executable = (path: string) =>
  target.os === "windows" && !path.endsWith(".exe") ? `${path}.exe` : path;

await mkdir(dirname(outfile), { recursive: true });
// A map of each chunk, which is in the program already, would be left beside it.
const room = await mkdtemp(join(dirname(outfile), ".compile-"));
const built = join(room, basename(outfile));
try {
  const result = await Bun.build({
    entrypoints: [join(root, "src/main.ts")],
    target: "bun",
    bytecode: true,
    // In chunks: what is not asked for is neither made nor held. As one module, all there is costs each start 10 ms and 8 MB.
    format: "esm",
    splitting: true,
    // Names and places stay: a stack trace in a log must be readable. Neither costs time nor memory while nothing is wrong.
    sourcemap: "inline",
    minify: { whitespace: true, syntax: true, identifiers: false, keepNames: true },
    define: {
      VIGO_VERSION: JSON.stringify(version),
      VIGO_COMMIT: JSON.stringify(commit()),
      VIGO_TARGET: JSON.stringify(target.name),
      VIGO_KNOWLEDGE: JSON.stringify(knowledgeText(knowledgeOf({ resources, traits }))),
    },
    plugins: [lmdbPlugin(resolve(root, values.modules, target.addon))],
    compile: {
      target: `bun-${target.name}` as Bun.Build.CompileTarget,
      outfile: built,
      // The program must not obey the folder it is started in.
      autoloadBunfig: false,
      autoloadDotenv: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  for (const log of result.logs) console.error(log);
  if (result.success) await rename(executable(built), executable(outfile));
  else process.exitCode = 1;
} finally {
  await rm(room, { recursive: true, force: true });
}
