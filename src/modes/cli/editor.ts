/** A person's own editor over a draft that others cannot read. Must not know what is edited, nor where it goes. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { VigoError } from "../../core/errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** VISUAL, then EDITOR, then what is installed; words after its name go along. */
function editorOf(env: Environment): readonly string[] {
  const named = [env["VISUAL"], env["EDITOR"]].find((text) => text?.trim());
  if (named !== undefined) return named.trim().split(/\s+/);
  const found = ["sensible-editor", "nano", "vi"].find((name) => Bun.which(name) !== null);
  if (found !== undefined) return [found];
  throw new VigoError("invalid", "no editor is known", {
    hint: "EDITOR=nano vigo cli config edit NAME",
  });
}

export interface Draft {
  /** Opens the editor and gives what it left. Rejects with `failed` when the editor did. */
  edit(): Promise<string>;
  discard(): Promise<void>;
}

/** The draft has the file's name, for editors that choose colours by it. */
export async function draftOf(file: string, text: string, env: Environment): Promise<Draft> {
  const editor = editorOf(env);
  const folder = await mkdtemp(join(tmpdir(), "vigo-edit-"));
  const path = join(folder, basename(file));
  await writeFile(path, text, { mode: 0o600 });
  return {
    async edit() {
      await opened(editor, path);
      return readFile(path, "utf8");
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

async function opened(editor: readonly string[], path: string): Promise<void> {
  const [name = "", ...words] = editor;
  const program = Bun.which(name);
  if (program === null)
    throw new VigoError("invalid", `there is no editor ${name}`, {
      hint: "VISUAL and EDITOR name it",
    });
  const child = Bun.spawn([program, ...words, path], { stdio: ["inherit", "inherit", "inherit"] });
  const code = await child.exited;
  if (code !== 0) throw new VigoError("failed", `${name} ended with ${code}; nothing was changed`);
}
