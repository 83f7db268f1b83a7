/**
 * What a file of the tree is, told by its path alone (language.md, "Tree"). Must not know contents.
 */

export type FileKind =
  | "configcrate"
  | "usercrate"
  | "template"
  | "roles"
  | "common"
  | "environments"
  | "hostcrates"
  | "compliance"
  | "task"
  | "workflow"
  | "test"
  | "executor"
  | "stray";

const folders: Readonly<Record<string, FileKind>> = {
  configcrates: "configcrate",
  usercrates: "usercrate",
  tasks: "task",
  workflows: "workflow",
  tests: "test",
  roles: "roles",
};

const names: Readonly<Record<string, FileKind>> = {
  "common.vgo": "common",
  "environments.vgo": "environments",
  "compliance.vgo": "compliance",
};

export function kindOfFile(path: string): FileKind {
  const parts = path.split("/");
  const [first = "", ...rest] = parts;
  const name = parts.at(-1) ?? "";
  const folder = rest.length > 0 ? first : "";
  if (folder === "templates") return "template";
  if (folder === "executors") return isExecutorSchema(path) ? "executor" : "stray";
  if (!name.endsWith(".vgo")) return "stray";
  if (names[name] !== undefined && folder !== "roles") return names[name];
  if (path === "roles.vgo") return "roles";
  const kind = folders[folder];
  if (kind === undefined) return "hostcrates";
  return rest.length === 1 || kind === "configcrate" ? kind : "stray";
}

/** `executors/NAME.schema.json`; the programs themselves travel as templates. */
const isExecutorSchema = (path: string): boolean =>
  /^executors\/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\.schema\.json$/.test(path);

/**
 * What a tree leaves behind: leftovers of editors, and outside of `templates/` dot files and notes. They are neither read nor
 * published.
 */
export function isIgnored(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name.endsWith("~") || /^#.*#$/.test(name) || /^\..*\.sw[a-p]$/.test(name)) return true;
  return !path.startsWith("templates/") && (name.startsWith(".") || name.endsWith(".md"));
}

/** The folder of a file; the root is the empty text. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** The folder of a file, and each one above it, outermost first; the root is the empty text. */
export function foldersOf(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
}

/**
 * The order files are read in (semantics §4): components compared bytewise, files of a folder before its sub-folders.
 */
export function byPath(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const [one = "", two = ""] = [left[index], right[index]];
    const [oneIsFile, twoIsFile] = [index === left.length - 1, index === right.length - 1];
    if (oneIsFile !== twoIsFile) return oneIsFile ? -1 : 1;
    const order = Buffer.compare(Buffer.from(one), Buffer.from(two));
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
