/** Makes a tree the live policy of a real server, without its REST. Must not know any test. */
import files from "node:fs/promises";
import { publishTree } from "../../../src/core/publish/publish.ts";
import type { World } from "../server/world.ts";

export async function publishFiles(
  w: World,
  tree: Readonly<Record<string, string>>,
): Promise<void> {
  const entries = Object.entries(tree).map(([path, text]) => [path, Buffer.from(text)] as const);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  const publication = {
    tree: { files: new Map(sorted) },
    actor: "test",
    message: "",
    source: "test",
  };
  await publishTree(
    files,
    w.home.folder,
    { ...publication, now: new Date() },
    { self: "test", isAlive: () => false },
  );
  await w.running().reload();
}
