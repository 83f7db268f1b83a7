/**
 * Makes lmdb work inside a compiled program: its addon becomes an embedded file (`src/modes/agent/lmdb-addon.ts`), and the
 * package that would look for one on disk is replaced by a module that hands out the one already loaded
 * (`src/modes/agent/lmdb.ts`). msgpackr's own addon is left out: it falls back to JavaScript.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { BunPlugin } from "bun";

const loader = `module.exports = () => {
  const addon = globalThis[Symbol.for("vigo.lmdb-addon")];
  if (addon === undefined) throw new Error("lmdb was imported before openLmdb loaded its addon");
  return addon;
};`;

/** `addon`: absolute path of the target's `.node` file. */
export const lmdbPlugin = (addon: string): BunPlugin => ({
  name: "lmdb",
  setup(build) {
    const bytes = readFileSync(addon);
    const digest = createHash("sha256").update(bytes).digest("hex");
    build.onLoad({ filter: /[\\/]modes[\\/]agent[\\/]lmdb-addon\.ts$/ }, () => ({
      contents: `import file from ${JSON.stringify(addon)} with { type: "file" };
export const embeddedAddon = { file, digest: ${JSON.stringify(digest)}, bytes: ${bytes.length} };`,
      loader: "ts",
    }));
    build.onResolve(
      { filter: /^(?:node-gyp-build-optional-packages|msgpackr-extract)$/ },
      ({ path }) => ({
        path,
        namespace: "vigo-addon",
      }),
    );
    build.onLoad({ filter: /.*/, namespace: "vigo-addon" }, ({ path }) => ({
      contents: path === "msgpackr-extract" ? "module.exports = undefined;" : loader,
      loader: "js",
    }));
  },
});
