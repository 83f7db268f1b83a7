/**
 * The `file_integrity` trait: files as they are against lists of how they were, in `/etc/vigo-envoy/integrity.d`. A list is what
 * `sha256sum` prints; a line `# tree: /usr/local/bin` says that nothing else shall be in that folder. Must not know who changed
 * them.
 */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { fileText } from "../tools/file-text.ts";
import { type Manifest, parseManifest } from "../tools/sha256sums.ts";
import { whyNotRoots } from "../tools/root-only.ts";
import { defineTrait } from "../trait.ts";

const folder = "/etc/vigo-envoy/integrity.d";
const mostLists = 20;
const mostFiles = 20_000;
const mostTold = 100;

export const fileIntegrity = defineTrait({
  name: "file_integrity",
  summary: "Files that differ from the lists in `/etc/vigo-envoy/integrity.d`.",
  platforms: ["linux", "darwin"],
  keep: "hour",
  timeoutMs: 120_000,
  value: () =>
    z.strictObject({
      manifests: z
        .record(
          z.string(),
          z.strictObject({
            files: z.int().min(0),
            added: z.array(z.string()),
            changed: z.array(z.string()),
            removed: z.array(z.string()),
          }),
        )
        .meta({
          description: `By path of the list (\`*.sha256\`, as sha256sum prints it): files in it, and paths that were added to its trees, have changed, are gone; ${mostTold} of each at most.`,
        }),
      clean: z.boolean().meta({ description: "Nothing differs from any list." }),
    }),
  async collect(host, { failed, previous }) {
    const names = ((await host.list(folder)) ?? []).filter((name) => /^[^.].*\.sha256$/.test(name));
    if (names.length === 0) return undefined;
    const manifests: Record<string, Difference> = {};
    for (const name of names.slice(0, mostLists)) {
      const path = `${folder}/${name}`;
      try {
        manifests[path] = await compared(host, path);
      } catch (error) {
        if (!(error instanceof VigoError)) throw error;
        failed(name, error);
        const before = previous?.manifests[path];
        if (before !== undefined) manifests[path] = before;
      }
    }
    return { manifests, clean: Object.values(manifests).every(isClean) };
  },
  example: {
    manifests: {
      "/etc/vigo-envoy/integrity.d/base.sha256": {
        files: 214,
        added: ["/usr/local/bin/odd"],
        changed: [],
        removed: [],
      },
    },
    clean: false,
  },
});

interface Difference {
  readonly files: number;
  readonly added: string[];
  readonly changed: string[];
  readonly removed: string[];
}

const isClean = ({ added, changed, removed }: Difference) =>
  added.length + changed.length + removed.length === 0;

/** A list that others may write to proves nothing. */
async function compared(host: ReadHost, path: string): Promise<Difference> {
  const why = await whyNotRoots(host, path, "file");
  if (why !== undefined)
    throw new VigoError("failed", `${path} is not believed: ${why}`, {
      hint: "it and the folders above it are root's, no links, and writable by root alone",
    });
  const manifest = parseManifest((await fileText(host, path)) ?? "", path);
  if (manifest.digests.size > mostFiles)
    throw new VigoError("limited", `${path}: more than ${mostFiles} files`);
  return difference(host, manifest);
}

async function difference(host: ReadHost, { digests, trees }: Manifest): Promise<Difference> {
  const [changed, removed]: [string[], string[]] = [[], []];
  for (const [path, digest] of digests) {
    const found = (await host.stat(path))?.kind === "file" ? await host.digest(path) : undefined;
    if (found === undefined) removed.push(path);
    else if (found !== digest) changed.push(path);
  }
  const there = (await Promise.all(trees.map((tree) => filesBelow(host, tree, 0)))).flat();
  const added = [...new Set(there)].filter((path) => !digests.has(path));
  const told = (paths: string[]) => paths.sort().slice(0, mostTold);
  return {
    files: digests.size,
    added: told(added),
    changed: told(changed),
    removed: told(removed),
  };
}

const deepest = 16;

/** Links are entries, not ways. */
async function filesBelow(host: ReadHost, tree: string, depth: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of (await host.list(tree)) ?? []) {
    const path = `${tree}/${name}`;
    const kind = (await host.stat(path))?.kind;
    if (kind !== "directory") found.push(path);
    else if (depth < deepest) found.push(...(await filesBelow(host, path, depth + 1)));
    if (found.length > mostFiles)
      throw new VigoError("limited", `${tree}: more than ${mostFiles} files`);
  }
  return found;
}
