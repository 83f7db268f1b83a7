/**
 * A tree to documents: every file put in its place by its path, `.vgo` text read as YAML. Must not know what is inside the
 * documents.
 */
import type { Problem } from "../problem.ts";
import { Findings } from "./findings.ts";
import { type FileKind, kindOfFile } from "./layout.ts";
import type { Tree } from "./model.ts";
import type { Node } from "./node.ts";
import { atOnce, type Steps, stepsOf } from "../steps.ts";
import { readYaml } from "./yaml.ts";

export interface PolicyDocument {
  readonly file: string;
  readonly kind: FileKind;
  /** Absent in an empty file. */
  readonly node: Node;
  /** What was read. */
  readonly bytes: Uint8Array;
}

export interface Parsed {
  readonly documents: readonly PolicyDocument[];
  readonly templates: ReadonlyMap<string, Uint8Array>;
  /** Schemas of executors. */
  readonly executors: ReadonlyMap<string, Uint8Array>;
  readonly problems: readonly Problem[];
}

/** Kinds of files whose time has not come. */
const later: ReadonlyMap<FileKind, string> = new Map([]);

/** `before`: what was parsed without problems; files that have not changed since give the very same objects. */
export function* parsing(tree: Tree, before?: Parsed): Steps<Parsed> {
  const found = new Findings();
  const known = new Map(before?.documents.map((document) => [document.file, document]));
  const documents: PolicyDocument[] = [];
  const templates = new Map<string, Uint8Array>();
  const executors = new Map<string, Uint8Array>();
  const step = stepsOf("reading files", tree.files.size);
  for (const [file, bytes] of tree.files) {
    yield step();
    const kind = kindOfFile(file);
    const former = known.get(file);
    if (kind === "template") templates.set(file, bytes);
    else if (kind === "executor") executors.set(file, bytes);
    else if (former !== undefined && same(former.bytes, bytes)) documents.push(former);
    else if (isRead(file, kind, found)) {
      const node = read(file, bytes, found);
      if (node !== undefined) documents.push({ file, kind, node, bytes });
    }
  }
  return {
    documents,
    templates: kept(before?.templates, templates),
    executors: kept(before?.executors, executors),
    problems: found.problems,
  };
}

export const parseTree = (tree: Tree): Parsed => atOnce(parsing(tree));

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** All files together: a `source:` may come to any of them. */
function kept(
  before: Parsed["templates"] | undefined,
  now: Parsed["templates"],
): Parsed["templates"] {
  if (before?.size !== now.size) return now;
  const [names, former] = [[...now.keys()], [...before.keys()]];
  const isSame = (name: string, at: number) => {
    const [one, other] = [before.get(name), now.get(name)];
    return former[at] === name && one !== undefined && other !== undefined && same(one, other);
  };
  return names.every(isSame) ? before : now;
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
