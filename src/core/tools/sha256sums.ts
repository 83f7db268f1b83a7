/** Lists of sha256sum(1). Must not know what is compared with them. */
import { VigoError } from "../errors.ts";

export interface Manifest {
  /** Lower-case hex by absolute path. */
  readonly digests: ReadonlyMap<string, string>;
  /** Folders in which nothing else shall be: lines `# tree: /path`. */
  readonly trees: readonly string[];
}

/** A name with a backslash or a line end is escaped, and its line begins with a backslash. */
export function parseManifest(text: string, where: string): Manifest {
  const digests = new Map<string, string>();
  const trees: string[] = [];
  for (const [at, line] of text.split("\n").entries()) {
    const [, tree] = /^#\s*tree:\s*(\/.*?)\/?\s*$/.exec(line) ?? [];
    if (tree !== undefined) trees.push(tree);
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, escaped, digest = "", name = ""] =
      /^(\\?)([0-9a-fA-F]{64}) [ *](\/.+)$/.exec(line) ?? [];
    if (name === "")
      throw new VigoError("failed", `${where}:${at + 1}: not a line of sha256sum`, {
        hint: "64 hexadecimal digits, two blanks, an absolute path; made with `sha256sum /path/*`",
      });
    digests.set(escaped === "" ? name : unescaped(name), digest.toLowerCase());
  }
  return { digests, trees };
}

const unescaped = (name: string) =>
  name.replace(/\\([\\nr])/g, (_, sign: string) => ({ n: "\n", r: "\r" })[sign] ?? sign);
