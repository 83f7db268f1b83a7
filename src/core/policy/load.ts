/**
 * Reads a stacks tree from disk into memory, within the limits of semantics §7. What the operator did wrong (a symlink, a
 * file too big) is a problem; a disk that fails is an error. Must not know what the files mean.
 */
import { VigoError } from "../errors.ts";
import type { FileInfo, Files } from "../files.ts";
import type { Problem } from "../problem.ts";
import { Findings } from "./findings.ts";
import { byPath, isIgnored } from "./layout.ts";
import { limits } from "./limits.ts";
import type { Tree } from "./model.ts";

export interface Loaded {
  readonly tree: Tree;
  readonly problems: readonly Problem[];
}

/** Rejects with `missing` when there is no such folder. */
export async function loadTree(files: Files, root: string): Promise<Loaded> {
  const walk = new Walk(files, root);
  await walk.folder("", 0);
  const sorted = [...walk.read].sort(([a], [b]) => byPath(a, b));
  return { tree: { files: new Map(sorted) }, problems: walk.found.problems };
}

class Walk {
  readonly read = new Map<string, Uint8Array>();
  readonly found = new Findings();
  #bytes = 0;
  #full = false;

  constructor(
    readonly files: Files,
    readonly root: string,
  ) {}

  async folder(path: string, depth: number): Promise<void> {
    if (depth > limits.folders) return this.#refuse(path, "VG202", "folders nested too deep");
    for (const name of await this.#names(path)) {
      if (this.#full) return;
      const inside = path === "" ? name : `${path}/${name}`;
      if (!isIgnored(inside)) await this.#entry(inside, depth);
    }
  }

  async #names(path: string): Promise<readonly string[]> {
    try {
      return (await this.files.readdir(this.#absolute(path))).sort();
    } catch (error) {
      if (path === "" && codeOf(error) === "ENOENT")
        throw new VigoError("missing", `there is no folder ${this.root}`, {
          hint: "say where the stacks are with --home, or make the folder",
          cause: error,
        });
      this.#unreadable(path, error);
      return [];
    }
  }

  async #entry(path: string, depth: number): Promise<void> {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a path is printed on one line of a terminal
    if (/[\x00-\x1f\x7f]/.test(path))
      return this.#refuse(path, "VG201", "a name that cannot be printed");
    try {
      const info = await this.files.lstat(this.#absolute(path));
      if (info.isDirectory()) await this.folder(path, depth + 1);
      else await this.#file(path, info);
    } catch (error) {
      this.#unreadable(path, error);
    }
  }

  async #file(path: string, info: FileInfo): Promise<void> {
    if (info.isSymbolicLink())
      return this.#refuse(path, "VG201", "a symlink", "put the file itself here");
    if (!info.isFile()) return this.#refuse(path, "VG201", "neither a file nor a folder");
    if (info.size > limits.fileBytes) return this.#refuse(path, "VG202", "more than 1 MiB");
    const bytes = await this.files.readFile(this.#absolute(path));
    if (bytes.length > limits.fileBytes) return this.#refuse(path, "VG202", "more than 1 MiB");
    this.#bytes += bytes.length;
    if (this.#bytes > limits.treeBytes) return this.#stop(path, "the tree has more than 64 MiB");
    if (this.read.size >= limits.files)
      return this.#stop(path, `the tree has more than ${limits.files.toLocaleString("en")} files`);
    this.read.set(path, bytes);
  }

  #stop(path: string, message: string): void {
    this.#full = true;
    this.#refuse(path, "VG202", message);
  }

  #unreadable(path: string, error: unknown): void {
    const reason = unreadable[codeOf(error) ?? ""];
    if (reason === undefined) throw error;
    this.#refuse(path, "VG201", reason);
  }

  #refuse(path: string, code: "VG201" | "VG202", message: string, hint?: string): void {
    this.found.problem(code, { file: path, line: 1, column: 1 }, path, { message, hint });
  }

  #absolute(path: string): string {
    return path === "" ? this.root : `${this.root}/${path}`;
  }
}

/** What an operator's tree can do to its reader; everything else is the disk's fault. */
const unreadable: Readonly<Record<string, string>> = {
  EACCES: "may not be read by this user",
  EPERM: "may not be read by this user",
  ENOENT: "went away while the tree was read",
  ENOTDIR: "changed while the tree was read",
  EISDIR: "changed while the tree was read",
  ELOOP: "a symlink",
  ENAMETOOLONG: "its name is too long",
};

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
