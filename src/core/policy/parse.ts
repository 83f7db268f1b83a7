/**
 * A tree to documents: every file put in its place by its path, `.vgo` text read as YAML. Must not know what is inside the
 * documents.
 */
import type { Problem } from "../problem.ts";
import { Findings } from "./findings.ts";
import { type FileKind, kindOfFile } from "./layout.ts";
import type { Tree } from "./model.ts";
import type { Node } from "./node.ts";
import { readYaml } from "./yaml.ts";

export interface PolicyDocument {
  readonly file: string;
  readonly kind: FileKind;
  /** Absent in an empty file. */
  readonly node: Node;
}

export interface Parsed {
  readonly documents: readonly PolicyDocument[];
  readonly templates: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly Problem[];
}

/** Kinds of files whose time has not come. */
const later: ReadonlyMap<FileKind, string> = new Map([
  ["task", "a named task"],
  ["workflow", "a workflow"],
  ["executor", "an executor's schema"],
]);

export function parseTree(tree: Tree): Parsed {
  const found = new Findings();
  const documents: PolicyDocument[] = [];
  const templates = new Map<string, Uint8Array>();
  for (const [file, bytes] of tree.files) {
    const kind = kindOfFile(file);
    if (kind === "template") templates.set(file, bytes);
    else if (isRead(file, kind, found)) {
      const node = read(file, bytes, found);
      if (node !== undefined) documents.push({ file, kind, node });
    }
  }
  return { documents, templates, problems: found.problems };
}

function isRead(file: string, kind: FileKind, found: Findings): boolean {
  const place = { file, line: 1, column: 1 };
  const unbuilt = later.get(kind);
  if (unbuilt !== undefined)
    found.problem("VG104", place, file, { message: `${unbuilt} is not in this version` });
  if (kind === "stray")
    found.problem("VG301", place, file, {
      message: "no file belongs here by this name",
      hint: /\.ya?ml$/.test(file)
        ? "policy files end in .vgo"
        : "put files for `source:` into templates/",
    });
  return unbuilt === undefined && kind !== "stray";
}

function read(file: string, bytes: Uint8Array, found: Findings): Node | undefined {
  const text = textOfBytes(bytes);
  if (text !== undefined) return readYaml(file, text, found);
  found.problem("VG203", { file, line: 1, column: 1 }, file, {
    message: "not UTF-8 text",
    hint: "save the file as UTF-8",
  });
  return undefined;
}

/** Undefined for what is not UTF-8. A byte order mark is left out. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
