import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { Glob } from "bun";

/** Folder or file → what it may import besides itself. The longest match wins. */
const unit = ["host.ts", "errors.ts", "params.ts", "text", "tools", "structured-file-type.ts"].map(
  (name) => `src/core/${name}`,
);
const allowed: Readonly<Record<string, readonly string[]>> = {
  "src/core/resources": ["src/core/resource.ts", ...unit],
  "src/core/resources/index.ts": [
    "src/core/resource.ts",
    "src/core/lazy-unit.ts",
    "src/core/resources",
  ],
  "src/core/traits": [
    "src/core/trait.ts",
    "src/core/traits/darwin",
    "src/core/traits/windows",
    ...unit,
  ],
  "src/core/traits/darwin": unit,
  "src/core/traits/windows": unit,
  "src/core/traits/index.ts": ["src/core/trait.ts", "src/core/lazy-unit.ts", "src/core/traits"],
  "src/core/tools": ["src/core/host.ts", "src/core/errors.ts", "src/core/text", "src/core/pki"],
  "src/core": ["src/core"],
  "src/modes/server": ["src/core"],
  "src/modes/agent": [
    "src/core",
    "packaging/vigo-agent.service",
    "packaging/org.vigo.agent.plist",
    "packaging/vigo-agent-service.ps1",
  ],
  "src/modes/cli": ["src/core", "docs/reference/server.yaml"],
  "src/main.ts": ["src/modes"],
};

/** Folders whose files do not know one another. */
const units = [
  "src/core/resources",
  "src/core/traits",
  "src/core/traits/darwin",
  "src/core/traits/windows",
];

/** Package or builtin → the only places that may import it. */
const kept: Readonly<Record<string, readonly string[]>> = {
  hono: ["src/modes/server"],
  "drizzle-orm": ["src/modes/server"],
  postgres: ["src/modes/server"],
  "bun:sqlite": ["src/modes/server"],
  lmdb: ["src/modes/agent"],
  citty: ["src/modes/cli", "src/modes/server/index.ts", "src/modes/agent/index.ts"],
  "node:fs": ["src/modes"],
  "node:child_process": ["src/modes"],
};

/** One folder of core builds on the ones before it, never on one after. */
const stages = [
  "policy",
  "graph",
  "bundle",
  "policy-tests",
  "plan",
  "rollout",
  "publish",
  "converge",
].map((name) => `src/core/${name}`);

const within = (path: string, place: string) => path === place || path.startsWith(`${place}/`);
const longest = (path: string, places: readonly string[]) =>
  places.filter((place) => within(path, place)).sort((a, b) => b.length - a.length)[0];

function broken(file: string, spec: string): boolean {
  if (!spec.startsWith(".")) {
    const home = kept[longest(spec, Object.keys(kept)) ?? ""];
    return home !== undefined && !home.some((place) => within(file, place));
  }
  const target = join(dirname(file), spec);
  const layer = longest(file, Object.keys(allowed));
  if (layer === undefined) return true;
  const [from, to] = [file, target].map((path) => stages.findIndex((stage) => within(path, stage)));
  if (from !== undefined && to !== undefined && from >= 0 && to > from) return true;
  const own = units.includes(layer) ? [] : [layer];
  return ![...own, ...(allowed[layer] ?? [])].some((place) => within(target, place));
}

test("imports respect the layers", async () => {
  const found: string[] = [];
  for await (const file of new Glob("src/**/*.{ts,tsx}").scan(".")) {
    const text = await Bun.file(file).text();
    for (const [, fixed, lazy] of text.matchAll(
      /^(?:import|export)\s(?:[\w\s{},*$]+\bfrom\s)?\s*["']([^"']+)["']|\b(?:import|require)\(["']([^"']+)["']\)/gm,
    ))
      if (broken(file, fixed ?? lazy ?? "")) found.push(`${file} → ${fixed ?? lazy}`);
  }
  expect(found).toEqual([]);
});

test("only modes spawn", async () => {
  for await (const file of new Glob("src/core/**/*.ts").scan("."))
    expect([
      file,
      /\bBun\.(?:spawn|file|write|serve|\$)/.test(await Bun.file(file).text()),
    ]).toEqual([file, false]);
});

/** Knows which kind of store it is, and nobody else does. */
const opener = "src/modes/server/store/database.ts";
/** A lock of the home, which is no store. */
const lock = "src/modes/server/first-start/lock.ts";
const statement =
  /\b(?:SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|PRAGMA\s)/;

test("no SQL outside the store that speaks it", async () => {
  for await (const file of new Glob("src/**/*.ts").scan(".")) {
    if (file.startsWith("src/modes/server/store/sqlite/") || file === lock) continue;
    const text = await Bun.file(file).text();
    const imports = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(
      ([, spec = ""]) => spec,
    );
    expect([file, imports.filter((spec) => /^drizzle-orm|^bun:sqlite/.test(spec))]).toEqual([
      file,
      [],
    ]);
    expect([file, statement.exec(text)?.[0]]).toEqual([file, undefined]);
    if (file !== opener)
      expect([file, imports.filter((spec) => spec.includes("/sqlite/"))]).toEqual([file, []]);
  }
});

test.each([
  ["src/core/resources/service.ts", "../../modes/agent/machine.ts"],
  ["src/core/resources/service.ts", "./sysctl.ts"],
  ["src/core/resources/service.ts", "../policy/parse.ts"],
  ["src/core/policy/parse.ts", "../graph/build.ts"],
  ["src/modes/cli/client.ts", "../server/envoys/api.ts"],
  ["src/modes/cli/client.ts", "hono/client"],
  ["src/core/host.ts", "node:fs/promises"],
])("%s may not import %s", (file, spec) => expect(broken(file, spec)).toBe(true));
