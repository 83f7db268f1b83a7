/**
 * Reads the example stacks when the program is built, so that they are inside the executable: imported as a macro only. Must
 * not know what is done with them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** By name and path, the texts. */
export function readExamples(): Record<string, Record<string, string>> {
  const root = join(import.meta.dir, "../../../../examples");
  return Object.fromEntries(
    readdirSync(root)
      .sort()
      .map((name) => [name, textsIn(join(root, name))]),
  );
}

function textsIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return Object.fromEntries(
    paths.sort().map((path) => [path, readFileSync(join(folder, path), "utf8")]),
  );
}
