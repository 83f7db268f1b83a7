/** The files of an in-memory machine: texts by path, and what is known of them besides. Must not know hosts, nor commands. */
import type { Stat } from "../../src/core/host.ts";
import { VigoError } from "../../src/core/errors.ts";

export type Node = Partial<
  Pick<Stat, "kind" | "mode" | "uid" | "gid" | "target" | "inode" | "context">
>;

/** Every change gets a time of its own, so that nothing parsed before looks fresh. */
let clock = 0;

export class FakeTree {
  /** Contents of files. Scripted commands may change it directly. */
  readonly files: Map<string, string>;
  readonly nodes: Map<string, Node>;
  readonly #seen = new Map<string, { readonly text: string | undefined; readonly time: number }>();

  constructor(
    files: Readonly<Record<string, string>> = {},
    nodes: Readonly<Record<string, Node>> = {},
  ) {
    this.files = new Map(Object.entries(files));
    this.nodes = new Map(Object.entries(nodes));
    for (const [path, node] of this.nodes)
      if (node.kind === undefined && !this.files.has(path))
        this.nodes.set(path, { kind: "directory", ...node });
  }

  stat(asked: string, follow = false): Stat | undefined {
    const path = follow ? this.real(asked) : asked;
    const text = this.files.get(path);
    const node = this.nodes.get(path);
    const isFolder = text === undefined && node === undefined && this.list(path) !== undefined;
    if (text === undefined && node === undefined && !isFolder) return undefined;
    const kind = node?.kind ?? (isFolder ? "directory" : "file");
    return {
      bytes: Buffer.byteLength(text ?? ""),
      mode: kind === "directory" ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      links: 1,
      inode: `1:${path}`,
      ...node,
      kind,
      modified: new Date(this.#time(path, text)),
    };
  }

  /** Behind symlinks, as far as they lead somewhere. */
  real(path: string): string {
    const target = this.nodes.get(path)?.target;
    if (target === undefined) return path;
    return this.real(target.startsWith("/") ? target : path.replace(/[^/]*$/, target));
  }

  #time(path: string, text: string | undefined): number {
    const seen = this.#seen.get(path);
    if (seen !== undefined && seen.text === text) return seen.time;
    clock += 1;
    this.#seen.set(path, { text, time: clock });
    return clock;
  }

  list(asked: string): readonly string[] | undefined {
    const path = this.real(asked).replace(/\/$/, "");
    const all = [...this.files.keys(), ...this.nodes.keys()];
    const inside = all.filter((file) => file.startsWith(`${path}/`));
    const names = inside.map((file) => file.slice(path.length + 1).replace(/\/.*/, ""));
    if (names.length === 0 && this.nodes.get(path)?.kind !== "directory") return undefined;
    return [...new Set(names)].sort();
  }

  /** Takes on what is given and keeps the rest. */
  set(path: string, node: { readonly [F in keyof Node]: Node[F] | undefined }): void {
    const given = Object.entries(node).filter(([, value]) => value !== undefined);
    this.nodes.set(path, { ...this.nodes.get(path), ...Object.fromEntries(given) });
  }

  remove(path: string, recursive: boolean): void {
    const inside = [...this.files.keys(), ...this.nodes.keys()].filter((at) =>
      at.startsWith(`${path}/`),
    );
    if (inside.length > 0 && !recursive)
      throw new VigoError("failed", `cannot remove ${path}: the folder is not empty`);
    for (const at of [path, ...inside]) {
      this.files.delete(at);
      this.nodes.delete(at);
    }
  }

  /** A folder with what is in it. */
  move(from: string, to: string): void {
    const isIt = ([at]: readonly [string, unknown]) => at === from || at.startsWith(`${from}/`);
    const [texts, nodes] = [[...this.files].filter(isIt), [...this.nodes].filter(isIt)];
    this.remove(from, true);
    this.remove(to, false);
    for (const [at, text] of texts) this.files.set(to + at.slice(from.length), text);
    for (const [at, node] of nodes) this.nodes.set(to + at.slice(from.length), node);
  }

  link(path: string, existing: string): void {
    const inode = this.stat(existing)?.inode;
    this.files.set(path, this.files.get(existing) ?? "");
    if (inode !== undefined) this.set(path, { inode });
  }
}
